"""How do the lines of a stream become rows, a page at a time?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from catalog.bulk import Bulk
from catalog.database import Database
from catalog.decisions import ERASED
from catalog.once import insert_once
from catalog.standings import State
from catalog.stream import accepting, effects, things
from catalog.stream.accepting import Accepting
from catalog.stream.things import CHANGE, DECISION, PAYLOAD, RELEASE, RESCAN, SAMPLE, STANDING, Altered, Line, Thing
from catalog.tables.order import LinkRow
from catalog.tables.row import table_of

LINK = table_of(LinkRow)
THINGS: Mapping[str, Callable[[Line, int], Thing]] = {
    "decision": things.decision,
    "version": things.version,
    "release": things.release,
    "change": things.change,
    "sample": things.sample,
    "standing": things.standing,
    "rescan": things.rescan,
}
#: a page is stored when it holds so many versions, or so many bytes of what is large
MOST_VERSIONS, MOST_BYTES = 500, 16 * 1024 * 1024


class Taking:
    """The rows that a stream makes. They are stored page by page, and all of them by `finish`."""

    def __init__(self, database: Database, connection: Connection) -> None:
        self._database, self._connection = database, connection
        self._rest = Bulk(connection, (PAYLOAD, DECISION, RELEASE, SAMPLE, CHANGE, LINK))
        self._accepting = Accepting(connection, Bulk(connection, accepting.TABLES))
        self._effects: list[Mapping[str, Any]] = []
        self._judged: list[tuple[str, Line, Thing | None]] = []
        self._versions = self._bytes = 0
        self._erased = Erased()

    def take(self, kind: str, line: Line, revision: int) -> Thing:
        """What a line is. Raises Altered; KeyError, TypeError or ValueError for a line of another shape."""
        if kind == "standing-ended":
            self._judged.append((kind, line, None))
            return Thing(None)
        thing = THINGS[kind](line, revision)
        if kind in ("standing", "rescan"):
            self._judged.append((kind, line, thing))
            return thing
        for table, row in thing.rows:
            self._rest.add(table, row)
            self._erased.see(table, row)
            self._bytes += sum(len(value) for value in row.values() if isinstance(value, bytes))
            if kind == "change" and effects.has_effect(row):
                self._effects.append(row)
        if thing.version is not None:
            self._accepting.add(thing.version)
            self._versions += 1
            self._bytes += 2 * sum(len(part.content) for part in thing.version.parts)
        return thing

    def close(self, link: Line, at: datetime | None) -> None:
        """A revision is complete, was what its link says, and was made at this moment."""
        names = ("revision", "previous_hash", "hash", "entries")
        self._rest.add(LINK, {**{name: link[name] for name in names}, "at": at})
        if self._effects or self._judged:
            self._flush()
            self._do_again(link["revision"])
        elif self._versions >= MOST_VERSIONS or self._bytes >= MOST_BYTES:
            self._flush()

    def finish(self) -> None:
        """Store what is left. Raises Altered for what is missing although nobody erased it."""
        self._flush()
        self._erased.answered_for()

    def _flush(self) -> None:
        self._accepting.flush(self._rest)
        self._versions = self._bytes = 0

    def _do_again(self, revision: int) -> None:
        changes, self._effects = self._effects, []
        for change in changes:
            then = effects.Then(self._database, self._connection, revision, change["at"])
            effects.done_again(change, then)
        judged, self._judged = self._judged, []
        for kind, line, thing in judged:
            if kind == "rescan" and thing is not None:
                ((_, row),) = thing.rows
                self._connection.execute(insert_once(RESCAN, self._database.dialect), row)
                continue
            ended = update(STANDING).where(STANDING.c.line_id == line["line_id"], STANDING.c.until_revision.is_(None))
            self._connection.execute(ended.values(until_revision=revision))
            if thing is not None:
                ((_, row),) = thing.rows
                self._stand(row)

    def _stand(self, row: dict[str, Any]) -> None:
        """A standing is what its decision makes of the line."""
        decided = select(DECISION.c.outcome).where(DECISION.c.id == row["decision_id"])
        outcome = self._connection.execute(decided).scalar_one_or_none()
        if outcome is None or State.of(outcome) != row["state"]:
            raise Altered(f"the standing of {row['line_id']} at revision {row['from_revision']}")
        self._connection.execute(STANDING.insert(), row)


class Erased:
    """What lacks its content, and whether the feed says that somebody erased it."""

    def __init__(self) -> None:
        self._lacking: dict[tuple[str, str], None] = {}
        self._told: set[tuple[str, str]] = set()

    def see(self, table: Any, row: Mapping[str, Any]) -> None:
        if table is PAYLOAD and row["content"] is None:
            self._lacking["input", row["digest"]] = None
        elif table is DECISION and row["record"] is None:
            self._lacking["record", row["id"]] = None
        elif table is CHANGE and row["kind"] == ERASED:
            told = row["payload"]
            self._told.add(("input", told["input_digest"]))
            if told["record"]:
                self._told.add(("record", told["decision"]))

    def answered_for(self) -> None:
        for lacking in self._lacking:
            if lacking not in self._told:
                raise Altered(f"the {lacking[0]} {lacking[1]}, which is missing although nobody erased it,")
