"""Do the commands of the page on operating do what it says, one after the other?"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from commands import MESH, ROOT, Terminal

PAGE = ROOT / "docs" / "howto" / "operate.md"


def test_the_commands_of_the_page_run_in_their_order(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    assert terminal.run("submit", "-q", MESH / "sales").code == 0
    blocks = re.findall(r"^```console\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    commands = [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]
    assert len(commands) == 7
    for command in commands:
        words = shlex.split(command)[1:]
        if "ID" in words:
            noun = words[0]
            (one,) = terminal.run(noun, "list", "--json").json[noun]
            words[words.index("ID")] = one["id"]
        ended = terminal.run(*words)
        assert ended.code == 0, (command, ended)
