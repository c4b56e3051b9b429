"""Does the page on promotion work as it stands: its environments, its builder, and what each command prints?"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import PROGRAM, ROOT, Terminal

PAGE = ROOT / "docs" / "howto" / "promote.md"
BLOCK = re.compile(r"^```(console|yaml|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PLACE, PYTHON = "/opt/mesh", "/usr/bin/python3"
HOME = "/srv/ana"


def steps(place: Path, home: Path) -> Iterator[tuple[str, str]]:
    """Every command with the output shown below it, and every file to write, in the order of the page."""
    text = PAGE.read_text("utf-8").replace(PLACE, str(place)).replace(PYTHON, sys.executable)
    text = text.replace(HOME, str(home))
    for kind, block in BLOCK.findall(text):
        if kind == "console":
            for entry in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, _, shown = entry.partition("\n")
                yield command, shown
        elif block.startswith("# write "):
            file, _, content = block.removeprefix("# write ").partition("\n")
            yield f"write {file}", content


Walked = list[tuple[str, str, subprocess.CompletedProcess[str]]]


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Walked:
    """Of each command of the page: itself, what is shown below it, and how it ended."""
    terminal = Terminal(tmp_path_factory.mktemp("journey"))
    path = f"{PROGRAM.parent}:{terminal.environment['PATH']}"
    place = terminal.folder / "mesh"
    told = []
    for command, shown in steps(place, terminal.home):
        if command.startswith("write "):
            file = terminal.folder / command.removeprefix("write ")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(shown, "utf-8")
            continue
        environment = {**terminal.environment, "PATH": path}
        done = subprocess.run(
            ["bash", "-c", command], cwd=terminal.folder, env=environment, capture_output=True, text=True, check=False
        )
        told.append((command, shown, done))
    return told


def test_every_command_prints_what_the_page_shows(walked: Walked) -> None:
    assert len([shown for _, shown, _ in walked if shown.strip()]) == 6
    for command, shown, done in walked:
        assert (done.returncode, done.stdout) == (0, shown), (command, done.stderr)


def test_no_command_shows_the_secret(walked: Walked) -> None:
    assert not any("swordfish" in done.stdout + done.stderr for _, _, done in walked)
