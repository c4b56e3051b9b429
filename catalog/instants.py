"""Which revision was the catalog's last one at an instant? (The only place where an instant becomes a revision.)"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select

from catalog.database import Database
from catalog.tables.order import LinkRow
from catalog.tables.row import table_of
from engine.errors import InstantInvalid

LINK = table_of(LinkRow)


class Instant(NamedTuple):
    """A revision and its moment: None before the first one, which is an empty catalog."""

    revision: int
    moment: datetime | None


START = Instant(0, None)
#: no revision is as old, and every time zone can say it
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


class Instants:
    """Reads of the order of revisions; moments never fall along it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def last(self) -> Instant:
        """The newest revision."""
        return self._first(LINK.c.revision > 0) or START

    def by(self, moment: datetime, *, now: datetime) -> Instant:
        """The last revision that was made at or before this moment.

        Raises InstantInvalid for a moment after `now` (what will be told then is not known), and without offset.
        """
        told = moment.isoformat()
        if moment.tzinfo is None:
            raise InstantInvalid(f"{told} means another moment to everybody; add its offset, such as Z.", instant=told)
        if moment > now:
            raise InstantInvalid(f"{told} has not come yet; it is {now.isoformat()}.", instant=told)
        return self._first(LINK.c.at <= max(moment, _EARLIEST), LINK.c.at.desc()) or START

    def of(self, revision: int) -> Instant:
        """This revision. Raises InstantInvalid for one that there is not yet, and for a negative one."""
        if revision == 0:
            return START
        found = self._first(LINK.c.revision == revision)
        if found is None:
            told = f"There is no revision {revision}; the last one is {self.last().revision}."
            raise InstantInvalid(told, revision=revision)
        return found

    def _first(self, which: ColumnElement[bool], *order: ColumnElement[Any]) -> Instant | None:
        newest = select(LINK.c.revision, LINK.c.at).where(which).order_by(*order, LINK.c.revision.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(newest).one_or_none()
        return None if row is None else Instant._make(row)
