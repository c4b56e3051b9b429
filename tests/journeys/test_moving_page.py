"""Does the page on moving and publishing work as it stands: every command in its order, and what it shows?"""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

from commands import ROOT, Terminal

PAGE = (ROOT / "docs" / "howto" / "move-and-publish.md").read_text("utf-8")


def told_in(shown: Any, whole: Any) -> bool:
    """Whether everything that is shown stands in the whole."""
    if isinstance(shown, dict):
        return isinstance(whole, dict) and all(key in whole and told_in(one, whole[key]) for key, one in shown.items())
    if isinstance(shown, list):
        return isinstance(whole, list) and all(any(told_in(one, other) for other in whole) for one in shown)
    return bool(shown == whole)


def test_the_page_moves_a_catalog_and_publishes_it(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    (terminal.folder / "examples").symlink_to(ROOT / "examples")
    commands = re.findall(r"^\$ meshgate (.*)$", PAGE, re.MULTILINE)
    assert len(commands) >= 14
    for command in commands:
        ended = terminal.run(*shlex.split(command))
        assert ended.code == 0, (command, ended.err)
    (service,) = re.findall(r"^```json dcat\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    graph = json.loads((terminal.folder / "mesh.jsonld").read_text("utf-8"))["@graph"]
    assert [one for one in graph if told_in(json.loads(service), one)]
    (event,) = re.findall(r"^```json openlineage\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    events = [json.loads(line) for line in (terminal.folder / "events.ndjson").read_text("utf-8").splitlines()]
    assert [one for one in events if told_in(json.loads(event), one)]
    assert (terminal.folder / "shipments").is_dir()
