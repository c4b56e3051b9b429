"""What happened after a given change, in the one order of the catalog?"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from catalog.database import Database
from catalog.shown import Change
from catalog.tables.order import ChangeRow
from catalog.tables.row import table_of
from catalog.visible import visible
from engine.model import Principal

CHANGE = table_of(ChangeRow)


class Changes:
    """Reads of the feed. Cursors rise by one in commit order, so a reader that starts after its last cursor misses
    nothing; only what is hidden from the reader leaves a gap."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._statement = lru_cache(maxsize=128)(_statement)

    def after(self, cursor: int = 0, *, principal: Principal, limit: int = 100) -> tuple[Change, ...]:
        """Up to `limit` changes that follow this cursor (0: from the start), oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(self._statement(principal), {"after": cursor, "count": limit}).all()
        return tuple(map(Change._make, rows))


def _statement(principal: Principal) -> Select[Any]:
    statement = select(*(CHANGE.c[name] for name in Change._fields)).where(CHANGE.c.cursor > bindparam("after"))
    return statement.where(visible(principal, CHANGE.c.domain)).order_by(CHANGE.c.cursor).limit(bindparam("count"))
