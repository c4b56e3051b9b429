"""What did the policies of past decisions see, newest first?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, cast

import orjson
from sqlalchemy import Select, and_, or_, select

from catalog import cursor
from catalog.database import Database
from catalog.tables.decision import DecisionRow, PayloadRow
from catalog.tables.row import table_of
from catalog.visible import visible
from engine.model import Json, Principal

DECISION, PAYLOAD = table_of(DecisionRow), table_of(PayloadRow)
_SCOPE = "decided"


class Decided(NamedTuple):
    """One decision with the input that its policies saw, as far as neither was erased."""

    id: str
    outcome: str
    moment: datetime
    seen: Mapping[str, Json]
    product: Mapping[str, Json] | None
    cursor: str


def decided(
    database: Database, *, principal: Principal, since: datetime | None, after: str | None, limit: int
) -> list[Decided]:
    """The decisions after this cursor that were made since that moment. Raises CursorInvalid."""
    statement = _statement(principal)
    if since is not None:
        statement = statement.where(DECISION.c.moment >= since)
    if after is not None:
        told, id = cursor.read(after, scope=_SCOPE, shape=(str, str))
        at = cursor.moment(told)
        below = and_(DECISION.c.moment == at, DECISION.c.id < id)
        statement = statement.where(or_(DECISION.c.moment < at, below))
    with database.reading() as connection:
        return [_decided(row) for row in connection.execute(statement.limit(limit))]


def _statement(principal: Principal) -> Select[Any]:
    columns = (DECISION.c.id, DECISION.c.outcome, DECISION.c.moment, DECISION.c.record, PAYLOAD.c.content)
    joined = DECISION.join(PAYLOAD, PAYLOAD.c.digest == DECISION.c.input_digest)
    kept = select(*columns).select_from(joined).where(PAYLOAD.c.content.is_not(None), DECISION.c.record.is_not(None))
    return kept.where(visible(principal, DECISION.c.domain)).order_by(DECISION.c.moment.desc(), DECISION.c.id.desc())


def _decided(row: Any) -> Decided:
    place = cursor.written([row.moment.isoformat(), row.id], scope=_SCOPE)
    record, seen = (cast(dict[str, Json], orjson.loads(content)) for content in (row.record, row.content))
    return Decided(row.id, row.outcome, row.moment, seen, record.get("product"), place)
