"""Does `meshgate policy bundle` write what others can believe, the same bytes each time, and say why it cannot?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import bundle_keys
import pytest
from commands import ROOT, Ended, Terminal

from engine.policy import archive

Run = Callable[..., Ended]
SOURCES = ("--policies", ROOT / "policies", "--governance", ROOT / "examples" / "governance")


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path / "terminal")


def test_what_holds_here_becomes_one_file_and_its_digests_are_told(terminal: Terminal) -> None:
    ended = terminal.run("policy", "bundle", *SOURCES, "--released", "2026-11-23T10:00:00+01:00")
    read = archive.read((terminal.folder / "mesh.tar.gz").read_bytes(), "mesh")
    assert ended.code == 0
    head, *facts = ended.out.splitlines()
    assert head.startswith("mesh.tar.gz: ")
    assert head.endswith(" policies, not signed")
    assert [line.split()[-1] for line in facts] == [
        read.revision,
        read.snapshot.assignments_digest,
        read.snapshot.waivers_digest,
        "2026-11-23T09:00:00+00:00",
    ]


def test_the_same_values_give_the_same_bytes(terminal: Terminal) -> None:
    for name in ("one", "two"):
        terminal.run("policy", "bundle", *SOURCES, "--output", f"{name}/mesh.tar.gz", "--released", "2026-11-20")
    one, two = ((terminal.folder / name / "mesh.tar.gz").read_bytes() for name in ("one", "two"))
    assert one == two


def test_check_takes_a_signed_bundle_and_refuses_what_is_not(terminal: Terminal, tmp_path: Path) -> None:
    pair = bundle_keys.ec(tmp_path)
    terminal.run("policy", "bundle", *SOURCES, "--sign", pair.private, "--key-id", "gov", "--output", "signed.tar.gz")
    terminal.run("policy", "bundle", *SOURCES, "--output", "plain.tar.gz")
    good, bad = (
        terminal.run(
            "check", "--policies", name, ROOT / "examples" / "mesh" / "sales", MESHGATE_VERIFY_KEY=str(pair.public)
        )
        for name in ("signed.tar.gz", "plain.tar.gz")
    )
    assert (good.code, bad.code) == (0, 2)
    assert "plain.tar.gz: carries no signature, and `verify_key` wants one [bundle-unsigned]" in bad.err


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        (("--sign", "none.pem"), "key-invalid"),
        (("--key-id", "gov"), "usage"),
        (("--released", "yesterday"), "usage"),
        (("--policies", "nowhere"), "settings-invalid"),
    ],
)
def test_why_nothing_is_written_is_told(terminal: Terminal, flags: tuple[str, ...], code: str) -> None:
    ended = terminal.run("policy", "bundle", *flags)
    assert (ended.code, f"[{code}]" in ended.err) == (2, True)
    assert not (terminal.folder / "mesh.tar.gz").exists()
