"""Where does a `# METADATA` block stand, and what is written at each of its keys?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from engine.descriptor import yaml_source
from engine.descriptor.limits import Limits
from engine.descriptor.positions import Index
from engine.descriptor.text import Lines, SourceRefused
from engine.errors import BundleInvalid
from engine.model import Json, Path

_PACKAGE = re.compile(r"^package\s", re.MULTILINE)
Kind = TypeVar("Kind", bound=StrEnum)


def find(text: str, file: str) -> Metadata | None:
    """The metadata right above `package`, None where there is none. Raises BundleInvalid naming file and line."""
    found = _lines(text)
    if found is None:
        return None
    first, block = found
    try:
        written, marks = yaml_source.read(block, Limits())
    except SourceRefused as refusal:
        line = first + Lines(block).at(refusal.offset or 0)[0] - 1
        raise BundleInvalid(f"{file}:{line}: the metadata is not readable YAML: {refusal.msg}") from None
    return Metadata(written, Index(written, marks), Lines(block), first, file)


class Metadata:
    """The parsed metadata, with the line of every key for messages."""

    def __init__(self, written: Json, index: Index, lines: Lines, first: int, file: str) -> None:
        self.written, self._index, self._lines, self._first, self.file = written, index, lines, first, file

    def refuse(self, path: Path, reason: str) -> BundleInvalid:
        line = self._first + self._lines.at(self._index.key(path))[0] - 1
        return BundleInvalid(f"{self.file}:{line}: {'.'.join(map(str, path)) or 'the metadata'} {reason}")

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
            raise self.refuse(path, "must be a mapping")
        for key in value:
            if known is not None and key not in known:
                raise self.refuse((*path, key), f"is not known here; known are {', '.join(sorted(known))}")
        return value

    def text(self, *path: str) -> str:
        value = self.at(path)
        if not isinstance(value, str) or not value.strip():
            raise self.refuse(path, "must be a text")
        return value.strip()

    def texts(self, *path: str) -> Sequence[str]:
        value = self.at(path)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.refuse(path, "must be a list of texts")
        return value

    def one_of(self, kind: type[Kind], *path: str) -> Kind:
        value = self.text(*path)
        if value not in set(kind):
            raise self.refuse(path, f"is {value!r}; known are {', '.join(kind)}")
        return kind(value)


def _lines(text: str) -> tuple[int, str] | None:
    """The number of the first line below `# METADATA` right above `package`, and those lines without their `#`."""
    package = _PACKAGE.search(text)
    lines = text[: package.start()].splitlines() if package else []
    while lines and not lines[-1].strip():
        lines.pop()
    block: list[str] = []
    while lines and lines[-1].startswith("#"):
        line = lines.pop()
        if line[1:].strip() == "METADATA":
            return len(lines) + 2, "\n".join(block) + "\n"
        block.insert(0, line[2:] if line.startswith("# ") else line[1:])
    return None
