"""Can an old estate begin: what was there is set aside, what is new fails, what is corrected leaves the list?"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commands import MESH, Ended, Terminal
from jsonschema import Draft202012Validator

from api.cli.starting import product as starting
from engine.report import record

Run = Callable[..., Ended]
SCHEMA = Draft202012Validator(json.loads(record.PUBLISHED.read_text("utf-8")))


def good(name: str) -> str:
    """A product that every starter policy accepts without a word."""
    return starting.files(starting.Answers(name, "sales", "jo@example.org", "org.example"), Path())[
        Path(starting.DESCRIPTOR)
    ]


def owned_by_nobody(name: str) -> str:
    """A finding and a problem."""
    return good(name).replace("  owner:\n    id: jo@example.org\n", "")


WRONG = owned_by_nobody("first").replace(
    'row stands for.\n      version: "1.0.0"', "row stands for.\n      version: 1.10"
)
"""Besides, a port with a version that is a number: a finding and a problem, too."""
NOT_BASELINES = (
    "",
    "[]",
    '{"schema": "meshgate/baseline/2", "entries": []}',
    '{"schema": "meshgate/baseline/1", "entries": [{}]}',
    "\x00",
    "[" * 100000,
)


def told(ended: Ended) -> dict[str, Any]:
    return {
        one["file"]: (
            one["decision"]["outcome"],
            sorted(
                f"{said['code']} {said.get('disposition', 'counts')}"
                for said in (*one["decision"]["findings"], *one["problems"])
            ),
        )
        for one in ended.json["documents"]
    }


def listed(path: Path) -> list[str]:
    return [f"{one['file']} {one['rule']}" for one in json.loads(path.read_text("utf-8"))["entries"]]


def test_what_is_old_is_set_aside_and_what_is_new_fails(run: Run, terminal: Terminal) -> None:
    terminal.write("estate/first.yaml", WRONG)
    assert run("check", "estate").code == 1
    begun = run("check", "estate", "--write-baseline", "old.json", "-f", "json")
    old = ["DP301 baselined", "DP302 baselined", "entity_not_semantic baselined", "owner_missing baselined"]
    assert (begun.code, told(begun)) == (0, {"estate/first.yaml": ("accepted", old)})
    SCHEMA.validate(begun.json)
    assert "4 old findings and problems written to old.json" in begun.err
    again = run("check", "estate", "--baseline", "old.json")
    assert again.code == 0
    assert "0 fail, 0 warn, 0 waived, 2 baselined," in again.out
    assert "problems: 2 baselined" in again.out
    terminal.write("estate/second.yaml", owned_by_nobody("second"))
    new = run("check", "estate", "--baseline", "old.json", "-f", "json")
    assert (new.code, told(new)["estate/first.yaml"], told(new)["estate/second.yaml"][0]) == (
        1,
        ("accepted", old),
        "rejected",
    )


def test_it_survives_moved_lines_and_another_folder_of_the_asker(run: Run, terminal: Terminal) -> None:
    terminal.write("first.yaml", WRONG)
    run("check", "first.yaml", "--write-baseline", "old.json")
    terminal.write("first.yaml", "# one more line\n\n" + WRONG)
    assert run("check", ".", "--baseline", "old.json").code == 0
    assert run("check", terminal.folder / "first.yaml", "--baseline", "old.json").code == 0


def test_what_is_corrected_is_named_and_taken_out_when_it_is_written_and_nothing_new_gets_in(
    run: Run, terminal: Terminal
) -> None:
    terminal.write("estate/first.yaml", WRONG)
    terminal.write("estate/other.yaml", owned_by_nobody("other"))
    run("check", "estate", "--write-baseline", "old.json")
    before = (terminal.folder / "old.json").read_bytes()
    terminal.write("estate/first.yaml", owned_by_nobody("first"))
    some = run("check", "estate/first.yaml", "--baseline", "old.json")
    assert some.err.splitlines()[-2:] == [
        "note: estate/first.yaml: DP302 no longer occurs, still listed in old.json; --write-baseline takes it out",
        "note: estate/first.yaml: mesh.versioning.semantic_versions/entity_not_semantic no longer occurs, still "
        "listed in old.json; --write-baseline takes it out",
    ]
    assert (terminal.folder / "old.json").read_bytes() == before
    terminal.write("estate/new.yaml", owned_by_nobody("new"))
    pruned = run("check", "estate", "--baseline", "old.json", "--write-baseline", "old.json")
    assert pruned.code == 1
    owner = ["DP301", "mesh.ownership.owner_declared/owner_missing"]
    assert listed(terminal.folder / "old.json") == [
        f"estate/{name}.yaml {rule}" for name in ("first", "other") for rule in owner
    ]
    (terminal.folder / "estate" / "other.yaml").unlink()
    run("check", "estate/first.yaml", "--baseline", "old.json", "--write-baseline", "old.json")
    assert listed(terminal.folder / "old.json") == [f"estate/first.yaml {rule}" for rule in owner]


def test_what_cannot_be_read_and_what_is_mandatory_is_never_old(run: Run, terminal: Terminal) -> None:
    terminal.write("broken.yaml", "dataProductDescriptor: [\n")
    assert run("check", "broken.yaml", "--write-baseline", "old.json").code == 2
    assert listed(terminal.folder / "old.json") == []
    terminal.write(
        "rules/assignments.yaml", "- {policy: mesh.ownership.owner_declared, scope: mesh, enforcement: mandatory}\n"
    )
    terminal.write("first.yaml", good("first").replace("id: jo@example.org", "id: ' '"))
    ended = run("check", "first.yaml", "--governance", "rules", "--write-baseline", "old.json", "-f", "json")
    assert (ended.code, told(ended)) == (1, {"first.yaml": ("rejected", ["owner_missing blocking"])})


@pytest.mark.parametrize("content", NOT_BASELINES)
def test_a_file_that_is_no_baseline_ends_the_command(run: Run, terminal: Terminal, content: str) -> None:
    terminal.write("old.json", content)
    ended = run("check", MESH / "sales", "--baseline", "old.json")
    assert (ended.code, ended.out) == (2, "")
    assert "old.json is no baseline: " in ended.err
    missing = run("check", MESH / "sales", "--baseline", "none.json")
    assert (missing.code, "does not exist; `--write-baseline none.json` writes one" in missing.err) == (2, True)


@pytest.mark.parametrize("form", ["sarif", "junit", "github", "gitlab", "markdown", "html", "text"])
def test_no_format_counts_what_is_old_as_a_failure(run: Run, terminal: Terminal, form: str) -> None:
    terminal.write("first.yaml", WRONG)
    loud = {"sarif": '"suppressions": []', "junit": "<failure", "github": "::error", "gitlab": '"severity"'}
    loud |= {"markdown": "❌", "html": 'class="error"', "text": "error"}
    assert loud[form] in run("check", "first.yaml", "-f", form).out
    quiet = run("check", "first.yaml", "-f", form, "--write-baseline", "old.json")
    assert (quiet.code, loud[form] in quiet.out.replace("0 error", "")) == (0, False)


def test_submit_knows_no_baseline(run: Run, terminal: Terminal) -> None:
    terminal.write("first.yaml", WRONG)
    assert run("submit", "first.yaml", "--baseline", "old.json").code == 2
