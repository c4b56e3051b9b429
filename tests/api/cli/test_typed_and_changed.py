"""Does `check` judge what an editor types, and only what changed where it was asked to?"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from commands import Ended, Terminal
from doors import product

Run = Callable[..., Ended]
SPLIT = (
    product("split").split(b"  - name: moved")[0] + b"  - $ref: parts/port.yaml\n",
    b"\n".join(line[4:] for line in (b"    name: moved" + product().split(b"  - name: moved")[1]).splitlines()),
)
"""A product in two files: the root document, and its port."""


def typed(terminal: Terminal, text: bytes, *arguments: str | Path) -> Ended:
    done = subprocess.run(
        terminal.command("check", *arguments),
        input=text,
        cwd=terminal.folder,
        env=dict(terminal.environment),
        capture_output=True,
        check=False,
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_standard_input_stands_in_for_the_file_and_its_references_start_there(terminal: Terminal) -> None:
    terminal.write("mesh/parts/port.yaml", SPLIT[1])
    terminal.write("mesh/split.yaml", "saved: and wrong")
    told = typed(terminal, SPLIT[0], "--stdin-filename", "mesh/split.yaml", "-q", "-j", "2")
    assert (told.code, told.out.splitlines()[-3]) == (0, "mesh/split.yaml: split 1.0.0 accepted"), told
    assert typed(terminal, SPLIT[0], "--stdin-filename", "split.yaml").code == 2
    assert not (terminal.folder / "split.yaml").exists()


def test_the_lines_that_are_quoted_are_those_that_were_typed(terminal: Terminal) -> None:
    terminal.write("new.yaml", "other: text\n" * 40)
    told = typed(terminal, product(owner="").replace(b"info:", b"info: # typed"), "--stdin-filename", "new.yaml")
    assert told.code == 1
    assert "2 | info: # typed" in told.out
    assert "other: text" not in told.out


SENSELESS = (
    (),
    ("a.yaml", "--stdin-filename", "b.yaml"),
    ("--stdin-filename", "."),
    ("--stdin-filename", "b.yaml", "--fix"),
)


@pytest.mark.parametrize("arguments", SENSELESS)
def test_what_cannot_be_meant_ends_with_2(terminal: Terminal, arguments: Sequence[str]) -> None:
    terminal.write("a.yaml", product())
    told = typed(terminal, product(), *arguments)
    assert (told.code, told.out, "[usage]" in told.err) == (2, "", True)


def test_more_than_a_descriptor_may_hold_is_no_endless_reading(terminal: Terminal) -> None:
    told = typed(terminal, b"#" * (3 * 1024 * 1024), "--stdin-filename", "big.yaml", "-f", "json")
    assert [one["code"] for one in told.json["documents"][0]["problems"]] == ["DP102"]


def git(terminal: Terminal, *arguments: str) -> None:
    identity = ("-c", "user.name=Jo", "-c", "user.email=jo@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=terminal.folder, check=True, capture_output=True)


@pytest.fixture
def repository(terminal: Terminal) -> Terminal:
    """Three products, one of them in two files, committed on `main`."""
    terminal.write("one.yaml", product("one"))
    terminal.write("two.yaml", product("two"))
    terminal.write("split/split.yaml", SPLIT[0])
    terminal.write("split/parts/port.yaml", SPLIT[1])
    git(terminal, "init", "-q", "-b", "main")
    git(terminal, "add", ".")
    git(terminal, "commit", "-qm", "first")
    return terminal


def judged(run: Run, ref: str = "main") -> list[str]:
    return [one["file"] for one in run("check", ".", "--changed-since", ref, "-f", "json").json["documents"]]


def test_only_documents_with_a_changed_file_are_judged_parts_new_and_lost_ones_included(
    run: Run, repository: Terminal
) -> None:
    assert judged(run) == []
    assert run("check", ".", "--changed-since", "main").code == 3
    repository.write("two.yaml", product("two", description="Other."))
    assert judged(run) == ["two.yaml"]
    repository.write("split/parts/port.yaml", SPLIT[1] + b"\n# changed\n")
    repository.write("näw.yaml", product("new"))
    assert judged(run) == ["näw.yaml", "split/split.yaml", "two.yaml"]
    (repository.folder / "split" / "parts" / "port.yaml").unlink()
    git(repository, "commit", "-qam", "second")
    assert judged(run, "HEAD~1") == ["näw.yaml", "split/split.yaml", "two.yaml"]


def test_what_cannot_be_read_is_judged_when_it_changed_and_when_it_waits_for_another_file(
    run: Run, repository: Terminal
) -> None:
    broken = product("broken").replace(b"domain: logistics", b"domain: [logistics")
    repository.write("broken.yaml", broken)
    repository.write("waiting.yaml", SPLIT[0].replace(b"parts/port.yaml", b"parts/lost.yaml"))
    repository.write("of-broken.yaml", SPLIT[0].replace(b"parts/port.yaml", b"parts/broken.yaml"))
    repository.write("parts/broken.yaml", b"name: [moved\n")
    assert "broken.yaml" in judged(run)
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "broken")
    assert judged(run) == ["of-broken.yaml", "waiting.yaml"]
    repository.write("broken.yaml", broken + b"# changed\n")
    assert judged(run) == ["broken.yaml", "of-broken.yaml", "waiting.yaml"]


def test_what_others_changed_since_then_does_not_count(run: Run, repository: Terminal) -> None:
    git(repository, "checkout", "-qb", "mine")
    repository.write("one.yaml", product("one", description="Mine."))
    git(repository, "commit", "-qam", "mine")
    git(repository, "checkout", "-q", "main")
    repository.write("two.yaml", product("two", description="Theirs."))
    git(repository, "commit", "-qam", "theirs")
    git(repository, "checkout", "-q", "mine")
    assert judged(run) == ["one.yaml"]


@pytest.mark.parametrize("ref", ["nowhere", "--output=x", "", "HEAD^{tree}"])
def test_an_unknown_revision_ends_with_2(run: Run, repository: Terminal, ref: str) -> None:
    told = run("check", ".", f"--changed-since={ref}")
    assert (told.code, told.out) == (2, "")
    assert "knows no revision" in told.err
    assert not (repository.folder / "x").exists()


def test_outside_a_repository_it_says_so(run: Run, terminal: Terminal) -> None:
    terminal.write("one.yaml", product("one"))
    told = run("check", ".", "--changed-since", "main")
    assert (told.code, "is in no git repository" in told.err) == (2, True)
