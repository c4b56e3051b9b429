"""Is a stream, revision by revision, the record whose hashes its links hold?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from catalog.chain import linked
from catalog.stream.framing import Mark
from catalog.stream.refusals import StreamAltered
from catalog.stream.things import Entry, moment


class Chained:
    """The chain as far as the stream was read. Every method raises StreamAltered, which names a line."""

    def __init__(self, start: Mark, at: datetime | None) -> None:
        self.head, self.at = start, at
        self._noted: list[tuple[int, Entry]] = []
        self._moments: dict[datetime, int] = {}

    @property
    def revision(self) -> int:
        """The revision that is being read."""
        return self.head.revision + 1

    def belongs(self, number: int, revision: Any) -> None:
        """A line says of which revision it is."""
        if type(revision) is not int or revision != self.revision:
            raise StreamAltered(f"Line {number}: it is of revision {revision}, where {self.revision} is told.")

    def note(self, number: int, entry: Entry, at: datetime | None = None) -> None:
        """Something was recorded in this revision, at the moment `at`: all of one revision has one."""
        self._noted.append((number, entry))
        if at is not None:
            self._moments.setdefault(at, number)
        if len(self._moments) > 1:
            raise StreamAltered(f"Line {number}: its moment is not the one of its revision, {self.revision}.")

    def next_cursor(self, number: int, cursor: Any) -> None:
        """A change has this cursor."""
        expected = self.head.cursor + sum(entry[0] == "change" for _, entry in self._noted) + 1
        if cursor != expected:
            raise StreamAltered(f"Line {number}: the change {cursor} stands where {expected} belongs.")

    def close(self, number: int, link: Mapping[str, Any]) -> None:
        """The link of the revision: what was noted has to be what it holds, and to lead to its hash."""
        noted = sorted(entry for _, entry in self._noted)
        told = sorted(tuple(one) for one in link["entries"])
        if noted != told:
            raise StreamAltered(self._difference(number, told))
        if link["previous_hash"] != self.head.hash:
            raise StreamAltered(f"Line {number}: the link before it is another one.")
        made = linked(self.head.hash, self.revision, noted)
        if made != link["hash"]:
            raise StreamAltered(f"Line {number}: the link was edited.")
        self._tell_moment(number, moment(link["at"]))
        cursor = self.head.cursor + sum(entry[0] == "change" for entry in noted)
        self.head = Mark(self.revision, made, cursor)
        self._noted, self._moments = [], {}

    def end(self, number: int, told: Mapping[str, Any]) -> None:
        """The last line: the stream leads to the head that it names."""
        if self._noted or Mark(*(told.get(name) for name in ("revision", "chain_hash", "cursor"))) != self.head:  # type: ignore[arg-type]
            raise StreamAltered(f"Line {number}: the stream does not lead to the head that it names.")

    def _tell_moment(self, number: int, at: datetime | None) -> None:
        """The revision's moment is that of what it recorded, and never before the one of the revision before."""
        least = max([*self._moments, *([] if self.at is None else [self.at])], default=None)
        if at != least and (self._moments or at is None or (least is not None and at < least)):
            raise StreamAltered(
                f"Line {number}: the moment of revision {self.revision} is not that of what it recorded."
            )
        self.at = at

    def _difference(self, number: int, told: list[tuple[Any, ...]]) -> str:
        left = list(told)
        for line, entry in self._noted:
            if entry not in left:
                return f"Line {line}: the {entry[0]} {entry[1]} is not the one that was recorded."
            left.remove(entry)
        return f"Line {number}: the {left[0][0]} {left[0][1]} of revision {self.revision} is missing."
