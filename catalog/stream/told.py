"""What was recorded after a revision, line by line, without ever holding more than a few revisions?

Each group of revisions is read on a connection that is given back before its lines are handed out: a reader that stops
reading holds nothing. The record only grows, so what is told is one consistent state whenever it was read: that of the
last revision. It ends where no later revision is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from catalog.chain import START
from catalog.database import Database
from catalog.stream import rows
from catalog.stream.framing import Mark
from catalog.tables.order import ChangeRow, LinkRow
from catalog.tables.row import table_of
from engine.errors import CursorInvalid
from engine.model import Principal

LINK, CHANGE = table_of(LinkRow), table_of(ChangeRow)
#: a group is read at once: up to so many revisions, and no more once they recorded so many things
MOST_REVISIONS, MOST_THINGS = 64, 64

Shown = Callable[[Sequence[str]], Mapping[str, Mapping[str, Any]]]
"""Decisions by id, as whoever reads the stream may see them."""


class Told:
    """The lines after a revision; `reached` is where they lead to so far.

    `shown` tells decisions to somebody who may not see all of them: then the stream has no links, whose digests tell
    of things that are hidden.
    """

    def __init__(self, database: Database, *, principal: Principal, after: int = 0, shown: Shown | None = None) -> None:
        self._database, self._principal, self._shown = database, principal, shown
        self._rescan = 0
        self.reached = self.start = self._place(after)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        while links := self._group():
            yield from self._lines(links)
            self.reached = self._place(links[-1].revision)

    def _place(self, revision: int) -> Mark:
        """Raises CursorInvalid for a revision that there is not."""
        if revision == 0:
            return Mark(0, START, 0)
        last = select(CHANGE.c.cursor).where(CHANGE.c.from_revision <= revision).order_by(CHANGE.c.cursor.desc())
        with self._database.reading() as connection:
            link = connection.execute(select(LINK.c.hash).where(LINK.c.revision == revision)).scalar_one_or_none()
            cursor = connection.execute(last.limit(1)).scalar_one_or_none()
        if link is None:
            raise CursorInvalid(f"The catalog has no revision {revision}.")
        return Mark(revision, link, cursor or 0)

    def _group(self) -> Sequence[Any]:
        beyond = select(LINK).where(LINK.c.revision > self.reached.revision).order_by(LINK.c.revision)
        with self._database.reading() as connection:
            links = connection.execute(beyond.limit(MOST_REVISIONS)).all()
        things = 0
        for count, link in enumerate(links, start=1):
            things += len(link.entries)
            if things >= MOST_THINGS:
                return links[:count]
        return links

    def _lines(self, links: Sequence[Any]) -> Iterator[dict[str, Any]]:
        span = rows.Span(self.reached.revision, links[-1].revision, self._principal)
        with self._database.reading() as connection:
            told = self._things(connection, span)
        for link in links:
            yield from told.pop(link.revision, ())
            if self._shown is None:
                yield rows.link(link)

    def _things(self, connection: Connection, span: rows.Span) -> dict[int, list[dict[str, Any]]]:
        """The lines of these revisions but for their links, by revision, each before what refers to it."""
        told: dict[int, list[dict[str, Any]]] = {}
        standings = [*rows.standings(connection, span), *rows.ended_standings(connection, span)]
        first = [*rows.rescans(connection, self._rescan, span)] if standings else []
        if first:
            self._rescan = first[-1]["number"]
            standings = [{**one, "revision": standings[0]["revision"]} for one in first] + standings
        decisions = rows.decisions(connection, span, self._shown)
        samples = rows.samples(connection, span) if self._shown is None else ()
        for kind in (decisions, rows.versions(connection, span), rows.releases(connection, span), samples):
            for line in kind:
                told.setdefault(line["revision"], []).append(line)
        for line in [*rows.changes(connection, span, whole=self._shown is None), *standings]:
            told.setdefault(line["revision"], []).append(line)
        return told
