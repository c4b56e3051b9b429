"""Does every command call the same thing by the same flag?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from api.cli.commands import COMMANDS
from api.cli.lazily import Commands

ONLY_TWO = {"text", "json"}


def commands(group: Any, name: str = "meshgate") -> Iterator[tuple[str, Any]]:
    """Every command with its whole name."""
    inner = getattr(group, "commands", group)
    for word in inner:
        one = inner[word]
        if hasattr(one, "commands"):
            yield from commands(one, f"{name} {word}")
        else:
            yield f"{name} {word}", one


EVERY = dict(commands(Commands(COMMANDS)))


def flags(command: Any) -> dict[str, Any]:
    return {flag: one for one in command.params for flag in one.opts if flag.startswith("--")}


def test_all_commands_are_looked_at() -> None:
    assert len(EVERY) > 40
    assert "meshgate policy releases" in EVERY


@pytest.mark.parametrize("name", EVERY)
def test_json_is_asked_for_by_json_where_the_only_other_form_is_text(name: str) -> None:
    known = flags(EVERY[name])
    assert not {"--json", "--format"} <= known.keys()
    if "--format" in known:
        assert set(getattr(known["--format"].type, "choices", ())) != ONLY_TWO


@pytest.mark.parametrize("name", EVERY)
def test_a_file_to_write_is_named_by_output(name: str) -> None:
    known = flags(EVERY[name])
    assert "--out" not in known
    if "--output" in known:
        assert "-o" in known["--output"].opts
