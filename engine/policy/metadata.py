"""Where does a `# METADATA` block stand, and what is written at each of its keys?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from engine.descriptor import yaml_source
from engine.descriptor.limits import Limits
from engine.descriptor.positions import Index
from engine.descriptor.text import Lines, SourceRefused
from engine.model import Json, Path
from engine.policy.flaws import Flaw
from engine.policy.modules import PACKAGE

_BLOCK = re.compile(r"^#[ \t]*METADATA[ \t]*\r?$", re.MULTILINE)
Kind = TypeVar("Kind", bound=StrEnum)


def find(text: str, file: str) -> Metadata | None:
    """The metadata right above `package`, None where there is none; of unreadable YAML it holds only the flaw."""
    found = _block(text)
    if found is None:
        return None
    block = "".join(f"{line}\n" for _, line in found[1])
    lines = Lines(block)
    places = _Places(found[0], [margin for margin, _ in found[1]], lines)
    try:
        written, marks = yaml_source.read(block, Limits())
    except SourceRefused as refusal:
        unread = Metadata({}, None, places, file)
        told = f"the metadata is not readable YAML: {refusal.msg}"
        unread.flaws.append(Flaw(file, *places.at(refusal.offset or 0), "PL302", told))
        return unread
    read = Metadata(written, Index(written, marks), places, file)
    if above := _BLOCK.search(text, 0, _start(text, found[0] - 1)):
        line = text[: above.start()].count("\n") + 1
        told = "several `# METADATA` stand above the package, which OPA refuses: keep one"
        read.flaws.append(Flaw(file, line, 1, "PL301", told))
    return read


def _start(text: str, line: int) -> int:
    """The offset at which the line of this number begins."""
    return sum(map(len, text.splitlines(keepends=True)[: line - 1]))


def nothing(file: str) -> Metadata:
    """The metadata of a file that has none."""
    return Metadata({}, None, _Places(1, (), Lines("")), file)


class _Places:
    """Where in the file an offset of the block stands, whose lines lost their `# `."""

    def __init__(self, first: int, margins: Sequence[int], lines: Lines) -> None:
        self._first, self._margins, self._lines = first, margins, lines

    def at(self, offset: int) -> tuple[int, int]:
        line, column = self._lines.at(offset)
        margin = self._margins[line - 1] if line <= len(self._margins) else 0
        return self._first + line - 1, column + margin


class Metadata:
    """The parsed metadata; whoever reads it finds in `flaws` what is wrong with what was read.

    A value that is wrong is read as an empty one of its kind, so that everything wrong is told at once.
    """

    def __init__(self, written: Json, index: Index | None, places: _Places, file: str) -> None:
        self.written, self._index, self._places, self.file = written, index, places, file
        self.flaws: list[Flaw] = []

    def wrong(self, path: Path, reason: str, *, code: str = "PL304") -> None:
        """Note what is wrong at a key, or at the nearest key above it that is there."""
        told = f"{'.'.join(map(str, path)) or 'the metadata'} {reason}"
        self.flaws.append(Flaw(self.file, *self.place(path), code, told))

    def place(self, path: Path) -> tuple[int, int]:
        """The line and column of a key, or of the nearest key above it that is there."""
        return self._places.at(self._index.key(path) if self._index else 0)

    def at(self, path: Path) -> Json:
        """The value at a path of keys; None where there is none."""
        value = self.written
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        return value

    def mapping(self, path: Path, known: frozenset[str] | None = None) -> Mapping[str, Json]:
        value = self.at(path)
        if value is None and path:
            return {}
        if not isinstance(value, dict):
            self.wrong(path, "must be a mapping")
            return {}
        for key in value:
            if known is not None and key not in known:
                self.wrong((*path, key), _unknown(key, known), code="PL303")
        return value

    def text(self, *path: str) -> str:
        value = self.at(path)
        if isinstance(value, str) and value.strip():
            return value.strip()
        self.wrong(path, "must be a text")
        return ""

    def texts(self, *path: str) -> Sequence[str]:
        value = self.at(path)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.wrong(path, "must be a list of texts")
            return ()
        return value

    def one_of(self, kind: type[Kind], *path: str) -> Kind:
        value = self.text(*path)
        if value and value not in set(kind):
            self.wrong(path, f"is {value!r}; known are {', '.join(kind)}")
        return kind(value) if value in set(kind) else next(iter(kind))


def _unknown(key: str, known: frozenset[str]) -> str:
    near = get_close_matches(key, sorted(known), 1, 0.7)
    told = f"is not known here; known are {', '.join(sorted(known))}"
    return f"is not known here; did you mean `{near[0]}`? ({told.partition('; ')[2]})" if near else told


def _block(text: str) -> tuple[int, list[tuple[int, str]]] | None:
    """The number of the first line below `# METADATA` right above `package`, and those lines: margin and rest."""
    package = PACKAGE.search(text)
    lines = text[: package.start()].splitlines() if package else []
    while lines and not lines[-1].strip():
        lines.pop()
    block: list[tuple[int, str]] = []
    while lines and lines[-1].startswith("#"):
        line = lines.pop()
        if line[1:].strip() == "METADATA":
            return len(lines) + 2, block
        margin = 2 if line.startswith("# ") else 1
        block.insert(0, (margin, line[margin:]))
    return None
