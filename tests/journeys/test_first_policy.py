"""Does somebody who follows docs/howto/first-policy.md get what the page shows, step by step?"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import PROGRAM, ROOT, Terminal

PAGE = ROOT / "docs" / "howto" / "first-policy.md"
BLOCK = re.compile(r"^```(console|yaml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
REFUSED = "--quiet"
"""The one `check` of the page that is shown to refuse."""
SOMEBODY = {
    f"GIT_{role}_{what}": word
    for role in ("AUTHOR", "COMMITTER")
    for what, word in (("NAME", "jo"), ("EMAIL", "jo@example.org"))
}
"""Who commits: a newcomer has that in the configuration of git."""


def steps() -> Iterator[tuple[str, str]]:
    """Every command with the output shown below it, and every file to add to, in the order of the page."""
    for kind, text in BLOCK.findall(PAGE.read_text("utf-8")):
        if kind == "console":
            for entry in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                command, _, shown = entry.partition("\n")
                yield command, shown
        else:
            file, _, added = text.removeprefix("# add to ").partition("\n")
            yield file, added


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, str, str, int]]]:
    """The folder after the whole page, and of each command: itself, what is shown, what it printed, its exit code."""
    terminal = Terminal(tmp_path_factory.mktemp("journey"))
    environment = {**terminal.environment, **SOMEBODY, "PATH": f"{PROGRAM.parent}:{terminal.environment['PATH']}"}
    told = []
    for command, shown in steps():
        if command.endswith(".yaml") and " " not in command:
            with (terminal.folder / command).open("a", encoding="utf-8") as file:
                file.write("\n" + shown)
            continue
        done = subprocess.run(
            ["bash", "-c", command], cwd=terminal.folder, env=environment, capture_output=True, text=True, check=False
        )
        told.append((command, shown, done.stdout, done.returncode))
    return terminal.folder, told


def test_every_command_prints_what_the_page_shows(walked: tuple[Path, list[tuple[str, str, str, int]]]) -> None:
    shown = [(command, shown, printed) for command, shown, printed, _ in walked[1] if shown.strip()]
    assert len(shown) >= 6
    for command, expected, printed in shown:
        assert printed == expected, command


def test_only_what_the_page_shows_to_be_wrong_is_refused(walked: tuple[Path, list[tuple[str, str, str, int]]]) -> None:
    for command, shown, _, code in walked[1]:
        assert code == (1 if " 1 error," in shown or REFUSED in command else 0), command


def test_before_the_assignment_the_finding_is_in_shadow(walked: tuple[Path, list[tuple[str, str, str, int]]]) -> None:
    report = json.loads((walked[0] / "report.json").read_text("utf-8"))
    found = [one for document in report["documents"] for one in document["decision"]["findings"]]
    mine = [(one["code"], one["disposition"]) for one in found if one["policy"] == "mesh.ownership.owner_reached"]
    assert mine == [("wrong_form", "shadow")]
