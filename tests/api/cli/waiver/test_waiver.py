"""Can a waiver be asked for, decided on and looked through from the command line, by people who may?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import Ended, Terminal
from doors import a_server, product

Run = Callable[..., Ended]
OWNER = "mesh.ownership.owner_declared"
LINE = "urn:dpds:org.example:dataproducts:parcels:1"
ASSIGNMENT = f'- {{policy: {OWNER}, scope: mesh, enforcement: blocking, parameters: {{id_pattern: "@x[.]y$"}}}}\n'
FILED = f"""\
- {{id: W-1, policy: {OWNER}, product: "urn:dpds:org.example:dataproducts:letters:1", reason: Known.,
   requested_by: ann, approved_by: bob, from: "2020-01-01", until: "9999-12-30"}}
"""
ROLES = {"team": "[submitter]", "steward": "[approver]", "olga": "[operator]"}


@pytest.fixture
def governance(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "assignments.yaml").write_text(ASSIGNMENT)
    (folder / "waivers.yaml").write_text(FILED)
    return folder


@pytest.fixture
def server(governance: Path, tmp_path: Path) -> Iterator[str]:
    rows = [
        f"- {{id: {who}, sha256: {hashlib.sha256(who.encode()).hexdigest()}, roles: {may}}}"
        for who, may in ROLES.items()
    ]
    (tmp_path / "tokens.yaml").write_text("\n".join(["tokens:", *rows]) + "\n")
    (tmp_path / "server").mkdir()
    with a_server(tmp_path / "server", governance=str(governance), tokens=str(tmp_path / "tokens.yaml")) as (
        address,
        _,
    ):
        yield address


@pytest.fixture
def at(run: Run, server: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ended]:
    """Runs a command as somebody, at the server."""

    def ended(who: str, *words: str) -> Ended:
        monkeypatch.setenv("MESHGATE_SERVER_TOKEN", who)
        return run(*words, "--server", server)

    return ended


def test_from_a_refusal_to_an_accepted_product(at: Any, terminal: Terminal) -> None:
    terminal.write("parcels.yaml", product())
    assert at("team", "submit", "parcels.yaml", "--quiet").code == 1
    words = ("--policy", OWNER, "--product", LINE, "--reason", "The team moves.", "--until", "9999-12-29")
    asked = at("team", "waiver", "request", *words, "--ticket", "M-1", "--json")
    waiver = asked.json["id"]
    assert (asked.code, asked.json["state"], asked.json["requested_by"]) == (0, "requested", "team")
    own = at("team", "waiver", "approve", waiver)
    assert (own.code, "[forbidden]" in own.err) == (2, True)
    approved = at("steward", "waiver", "approve", waiver)
    assert (approved.code, "requested by team, approved by steward" in approved.out) == (0, True)
    unused = at("team", "waiver", "list", "--unused").out
    assert f"{waiver}  in_force" in unused
    assert "(unused: it excuses nothing now)" in unused
    assert at("team", "submit", "parcels.yaml", "--quiet").code == 0
    assert waiver not in at("team", "waiver", "list", "--unused").out
    lines = at("team", "waiver", "list").out.splitlines()
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == [waiver, "W-1", "2"]
    assert "  requested by ann, approved by bob, in waivers.yaml:1" in lines
    revoked = at("steward", "waiver", "revoke", waiver, "--reason", "Moved.")
    assert (revoked.code, "note: Moved." in revoked.out) == (0, True)
    assert at("team", "waiver", "list", "--state", "revoked", "--json").json["total"] == 1


def test_a_request_is_rejected_with_a_reason(at: Any, terminal: Terminal) -> None:
    terminal.write("parcels.yaml", product())
    at("team", "submit", "parcels.yaml", "--quiet")
    words = ("--policy", OWNER, "--product", LINE, "--reason", "The team moves.", "--until", "9999-12-29")
    waiver = at("team", "waiver", "request", *words, "--json").json["id"]
    assert at("steward", "waiver", "reject", waiver).code == 2
    told = at("steward", "waiver", "reject", waiver, "--reason", "Name an owner.")
    assert (told.code, f"{waiver}  rejected" in told.out) == (0, True)
    assert "[waiver-decided]" in at("steward", "waiver", "approve", waiver).err


def test_what_is_wrong_is_told(at: Any) -> None:
    words = ("--policy", "mesh.no.such", "--product", LINE, "--reason", "x", "--until", "9999-12-29")
    told = at("team", "waiver", "request", *words)
    assert told.code == 2
    assert "policy: the bundle has no policy `mesh.no.such`" in told.err
    assert "[waiver-invalid]" in told.err


def test_a_policy_is_set_aside_and_taken_back_by_operators(at: Any, terminal: Terminal) -> None:
    terminal.write("parcels.yaml", product())
    words = ("policy", "suspend", OWNER, "--reason", "It errs.", "--until")
    assert "[forbidden]" in at("steward", *words, "2026-12-01").err
    import datetime

    until = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=5)).date().isoformat()
    done = at("olga", *words, until)
    assert (done.code, done.err.startswith(f"suspended: {OWNER} until ")) == (0, True)
    checked = at("team", "check", "parcels.yaml", "--quiet")
    assert checked.code == 0
    assert f"parcels.yaml: suspended [{OWNER}] suspended until " in checked.out
    assert " by olga: It errs." in checked.out
    assert at("olga", "policy", "unsuspend", OWNER).code == 0
    assert at("team", "check", "parcels.yaml", "--quiet").code == 1
    assert "[not-found]" in at("olga", "policy", "unsuspend", OWNER).err


def test_here_everybody_is_local_and_the_files_waivers_are_listed(run: Run, governance: Path) -> None:
    told = run("waiver", "list", "--governance", governance)
    assert told.code == 0
    assert told.out.splitlines()[0].startswith("W-1  in_force  2020-01-01 to 9999-12-30  (unused")
    assert told.out.splitlines()[-1] == "1 waiver"
