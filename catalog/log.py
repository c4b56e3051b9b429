"""Which decisions were logged after a given one, with everything that was kept of them?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Row, Select, and_, bindparam, select, tuple_

from catalog import cursor
from catalog.database import Database
from catalog.shown import LoggedDecision, StoredDecision
from catalog.spans import made_by
from catalog.tables.decision import DecisionRow, PayloadRow
from catalog.tables.product import LineRow
from catalog.tables.row import table_of
from catalog.visible import visible
from engine.model import Principal

DECISION, LINE, PAYLOAD = table_of(DecisionRow), table_of(LineRow), table_of(PayloadRow)
SCOPE = "decisions in the order of their revisions"

_STORED = tuple(DECISION.c[name] for name in StoredDecision._fields)
_MORE = (
    *(DECISION.c[name] for name in ("engine", "assignments_digest", "waivers_digest", "input_digest")),
    *(PAYLOAD.c.content, PAYLOAD.c.erased_at, LINE.c.accepted_at, DECISION.c.from_revision),
)


class Log:
    """Reads of the whole log. A page holds as many inputs as decisions, so it is kept small by who asks."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._page = lru_cache(maxsize=128)(_page)

    def after(self, position: str | None, *, principal: Principal, limit: int) -> tuple[LoggedDecision, ...]:
        """Up to `limit` decisions that follow this cursor (None: from the start), oldest first.

        Raises CursorInvalid for a cursor of another list.
        """
        revision, last = (0, "") if position is None else cursor.read(position, scope=SCOPE, shape=(int, str))
        values = {"revision": revision, "id": last, "count": limit}
        with self._database.reading() as connection:
            return tuple(map(_logged, connection.execute(self._page(principal), values).all()))

    def found(
        self, decision_ids: Sequence[str], *, principal: Principal, at: int | None = None
    ) -> dict[str, LoggedDecision]:
        """The decisions with these ids, by id, that there are, or were `at` a revision."""
        statement = _all(principal).where(DECISION.c.id.in_(decision_ids), made_by(DECISION, at))
        with self._database.reading() as connection:
            return {row.id: _logged(row) for row in connection.execute(statement).all()}


def _all(principal: Principal) -> Select[Any]:
    # A decision knows a line only where it is older than what the decision itself made.
    known = and_(LINE.c.fqn == DECISION.c.fqn, LINE.c.from_revision < DECISION.c.from_revision)
    joined = select(*_STORED, *_MORE).outerjoin(PAYLOAD, PAYLOAD.c.digest == DECISION.c.input_digest)
    return joined.outerjoin(LINE, known).where(visible(principal, DECISION.c.domain))


def _page(principal: Principal) -> Select[Any]:
    place = tuple_(DECISION.c.from_revision, DECISION.c.id)
    beyond = place > tuple_(bindparam("revision"), bindparam("id"))
    return _all(principal).where(beyond).order_by(DECISION.c.from_revision, DECISION.c.id).limit(bindparam("count"))


def _logged(row: Row[Any]) -> LoggedDecision:
    count = len(_STORED)
    stored = StoredDecision._make((*row[: count - 1], _loaded(row.record)))
    engine, assignments, waivers, digest, content, erased_at, since, revision = row[count:]
    here = cursor.written([revision, stored.id], scope=SCOPE)
    told = (engine, assignments, waivers, digest, _loaded(content), erased_at, since)
    return LoggedDecision(here, revision, stored, *told)


def _loaded(content: bytes | None) -> Any:
    return None if content is None else orjson.loads(content)
