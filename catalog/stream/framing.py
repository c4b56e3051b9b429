"""What is around the lines of a stream: what begins and ends it, and how is a line written and read?"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol

import orjson

from catalog.stream import SCHEMA
from catalog.stream.refusals import StreamAltered, StreamCut, StreamUnreadable

LONGEST = 128 * 1024 * 1024
"""Bytes of one line: a version with all its parts, or a decision with what its policies saw, and then some."""


class Mark(NamedTuple):
    """A place between two revisions: the last one, its link's hash, and the feed's cursor there."""

    revision: int
    hash: str
    cursor: int


def header(start: Mark, *, complete: bool) -> dict[str, Any]:
    """The line that begins a stream of what was recorded after a place."""
    after = {"after": start.revision, "after_hash": start.hash, "after_cursor": start.cursor}
    return {"type": "catalog", "schema": SCHEMA, "complete": complete, **after}


class Written:
    """Turns lines into bytes, and knows at the end what they were."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._count = 0

    def line(self, told: Mapping[str, Any]) -> bytes:
        """One line; values may hold JSON that is written already (`orjson.Fragment`)."""
        line = orjson.dumps(told) + b"\n"
        self._digest.update(line)
        self._count += 1
        return line

    def end(self, head: Mark) -> bytes:
        """The last line, over all before it."""
        whole = {"lines": self._count, "digest": f"sha256:{self._digest.hexdigest()}"}
        reached = {"revision": head.revision, "cursor": head.cursor, "chain_hash": head.hash}
        return orjson.dumps({"type": "end", **whole, **reached}) + b"\n"


class Source(Protocol):
    """Where the bytes of a stream come from: a file, a pipe, or what unpacks one."""

    def readline(self, size: int = -1, /) -> bytes: ...


class Lines:
    """The lines of a stream by their number, up to and without its end; `number` is that of the line read last."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._digest = hashlib.sha256()
        self.number = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Raises StreamUnreadable, StreamCut and StreamAltered, each naming the line."""
        while line := self._next():
            told = self._told(line)
            if told.get("type") == "end":
                self._ended(told)
                self.end = told
                return
            self._digest.update(line)
            yield told
        raise StreamCut(f"The stream ends after line {self.number}, before its `end`.")

    def _next(self) -> bytes:
        try:
            line = self._source.readline(LONGEST + 1)
        except EOFError as cut:
            raise StreamCut(f"The packed stream ends after line {self.number}.") from cut
        except (OSError, zlib.error) as broken:  # what unpacks gzip raises both
            raise StreamUnreadable(f"After line {self.number} the stream cannot be read: {broken}.") from broken
        if line:
            self.number += 1
        if len(line) > LONGEST:
            raise StreamUnreadable(f"Line {self.number} is longer than {LONGEST} bytes.")
        if line and not line.endswith(b"\n"):
            raise StreamCut(f"The stream ends in the middle of line {self.number}.")
        return line

    def _told(self, line: bytes) -> dict[str, Any]:
        try:
            told = orjson.loads(line)
        except ValueError as fault:
            raise StreamUnreadable(f"Line {self.number} is no JSON: {fault}.") from fault
        if not isinstance(told, dict):
            raise StreamUnreadable(f"Line {self.number} is no JSON object.")
        return told

    def _ended(self, told: Mapping[str, Any]) -> None:
        seen = (self.number - 1, f"sha256:{self._digest.hexdigest()}")
        if (told.get("lines"), told.get("digest")) != seen:
            raise StreamAltered(f"Line {self.number}: the lines before the `end` are not those that it counts.")
        if self._next():
            raise StreamAltered(f"Line {self.number} stands after the end of the stream.")
