"""Does the page on samples work as it stands: its files, its commands, and the connector that it writes?"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import PROGRAM, ROOT, Terminal

PAGE = ROOT / "docs" / "howto" / "sample.md"
BLOCK = re.compile(r"^```(console|yaml|rego|python|toml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LAKE = "/srv/lake"


def steps(lake: Path) -> Iterator[tuple[str, str]]:
    """Every command with the output shown below it, and every file to write, in the order of the page."""
    for kind, text in BLOCK.findall(PAGE.read_text("utf-8").replace(LAKE, str(lake))):
        if kind == "console":
            for entry in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                command, _, shown = entry.partition("\n")
                yield command, shown
        else:
            file, _, content = text.removeprefix("# write ").partition("\n")
            yield f"write {file}", content


def installed(folder: Path) -> None:
    """Let what stands in the folder be found as `pipx inject` would have it found: by its entry points."""
    (table,) = re.findall(
        r'entry-points\."meshgate.connectors"\]\n(.*)', (folder / "pyproject.toml").read_text("utf-8")
    )
    info = folder / "numbers_connector-1.0.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: numbers-connector\nVersion: 1.0.0\n")
    (info / "entry_points.txt").write_text(f"[meshgate.connectors]\n{table.replace(chr(34), '')}\n")


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str, subprocess.CompletedProcess[str]]]:
    """Of each command of the page: itself, what is shown below it, and how it ended."""
    terminal = Terminal(tmp_path_factory.mktemp("journey"))
    (terminal.folder / "examples").symlink_to(ROOT / "examples")
    path = f"{PROGRAM.parent}:{terminal.environment['PATH']}"
    environment = {**terminal.environment, "PATH": path, "PYTHONPATH": str(terminal.folder)}
    told = []
    for command, shown in steps(terminal.folder / "lake"):
        if command.startswith("write "):
            terminal.write(command.removeprefix("write "), shown)
            if command.endswith("pyproject.toml"):
                installed(terminal.folder)
            continue
        done = subprocess.run(
            ["bash", "-c", command], cwd=terminal.folder, env=environment, capture_output=True, text=True, check=False
        )
        told.append((command, shown, done))
    return told


def test_every_command_prints_what_the_page_shows(
    walked: list[tuple[str, str, subprocess.CompletedProcess[str]]],
) -> None:
    assert len([shown for _, shown, _ in walked if shown.strip()]) == 5
    for command, shown, done in walked:
        assert (done.returncode, done.stdout) == (0, shown), (command, done.stderr)


def test_what_is_refused_says_why(walked: list[tuple[str, str, subprocess.CompletedProcess[str]]]) -> None:
    (refused,) = [done for command, _, done in walked if "echo" in command]
    assert "say what for: --purpose" in refused.stderr
