"""Does somebody who follows docs/howto/deploy.md get what the page shows, step by step?"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from commands import ROOT, Ended, Terminal

from engine.policy import environments
from engine.policy.sheets import sheet

PAGE = ROOT / "docs" / "howto" / "deploy.md"
BLOCK = re.compile(r"^```(console|yaml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, str, Ended]]]:
    """The folder after the whole page, and of each command: itself, what is shown, how it ended.

    Commands about what only a reader can name (`DEPLOYMENT`) are left out; tests/api/deploying asks for the same.
    """
    terminal, told = Terminal(tmp_path_factory.mktemp("journey")), []
    for kind, text in BLOCK.findall(PAGE.read_text("utf-8")):
        if kind == "yaml":
            name, _, content = text.removeprefix("# ").partition("\n")
            file = terminal.folder / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(content, "utf-8")
            continue
        for entry in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, _, shown = entry.partition("\n")
            if not re.search(r"\b(DEPLOYMENT|CONTAINER)\b", command):
                told.append((command, shown, terminal.run(*shlex.split(command)[1:])))
    return terminal.folder, told


def test_every_command_prints_what_the_page_shows(walked: tuple[Path, list[tuple[str, str, Ended]]]) -> None:
    shown = [(command, shown, ended.out) for command, shown, ended in walked[1] if shown.strip()]
    assert len(shown) == 2
    for command, expected, printed in shown:
        assert printed == expected, command


def test_nothing_on_the_page_is_refused(walked: tuple[Path, list[tuple[str, str, Ended]]]) -> None:
    assert [(command, ended.code, ended.err) for command, _, ended in walked[1] if ended.code] == []
    assert walked[1][-1][2].out.startswith("succeeded: urn:dpds:org.example:dataproducts:parcels:1 1.0.0 in dev")


def test_the_environments_of_the_page_can_be_read(walked: tuple[Path, list[tuple[str, str, Ended]]]) -> None:
    read, breaches = sheet(walked[0] / "environments.yaml", walked[0], kind="environments")
    assert breaches == []
    assert read is not None
    prod = environments.from_list(read.items)["prod"]
    assert (prod.approval, prod.approval_seconds, prod.consent) == ("required", 259200, "needed")
