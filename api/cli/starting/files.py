"""How are new files written without ever touching one that is there?"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from engine.errors import UsageError

_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}

Files = Mapping[Path, str]
"""Texts by the path that they are to have."""


class _Template(string.Template):
    """`@{name}` stands for a value: `$` has a meaning of its own in CI files."""

    delimiter = "@"


def scalar(text: str) -> str:
    """The text as YAML of one line: plain where it reads as nothing else in any YAML, else in quotes."""
    plain = re.fullmatch(r"[a-zA-Z][a-zA-Z0-9.]*(@[a-zA-Z0-9.]+)?", text) and text.casefold() not in _WORDS
    return text if plain else json.dumps(text, ensure_ascii=False)


def template(name: str, /, **values: str) -> str:
    """A text of the installation with its values filled in."""
    text = resources.files("api.cli.starting").joinpath("templates", *name.split("/")).read_text(encoding="utf-8")
    return _Template(text).substitute(values)


def write(files: Files) -> None:
    """Write all of them. Raises UsageError, and writes nothing, where one of them is there already."""
    if there := [str(path) for path in files if path.exists() or path.is_symlink()]:
        raise UsageError(f"Nothing is ever overwritten, and nothing was written: already there: {', '.join(there)}.")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
