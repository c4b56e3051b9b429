"""Is each stored input the one whose digest it bears, and did somebody answer for each that was erased?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
from sqlalchemy import Connection, select

from catalog.decisions import ERASED
from catalog.recorded import as_kept, unpacked
from catalog.tables.decision import DecisionRow, PayloadRow
from catalog.tables.order import ChangeRow
from catalog.tables.row import table_of
from engine.descriptor.digest import digest_of

CHANGE, DECISION, PAYLOAD = table_of(ChangeRow), table_of(DecisionRow), table_of(PayloadRow)
_BATCH = 20


def faults(connection: Connection) -> Iterator[tuple[int, str]]:
    """What is wrong with inputs and erased records, each with the revision that made it."""
    inputs, records = _answered_for(connection)
    for row in _payloads(connection):
        if row.content is None:
            if row.digest not in inputs:
                yield row.from_revision, f"the input {row.digest} was erased, and no change says why"
        elif _digest(unpacked(row.content)) != row.digest:
            yield row.from_revision, f"the input {row.digest} was edited"
    for row in connection.execute(select(DECISION.c.id, DECISION.c.from_revision).where(DECISION.c.record.is_(None))):
        if row.id not in records:
            yield row.from_revision, f"the record of the decision {row.id} was erased, and no change says why"


def _answered_for(connection: Connection) -> tuple[set[str], set[str]]:
    """The digests of inputs, and the decisions of records, whose erasure the feed tells."""
    told = list(connection.execute(select(CHANGE.c.payload).where(CHANGE.c.kind == ERASED)).scalars())
    return {one["input_digest"] for one in told}, {one["decision"] for one in told if one.get("record")}


def _payloads(connection: Connection) -> Iterator[Any]:
    columns = [as_kept(PAYLOAD.c[name]) for name in ("digest", "content", "from_revision")]
    after = ""
    while rows := connection.execute(
        select(*columns).where(PAYLOAD.c.digest > after).order_by(PAYLOAD.c.digest).limit(_BATCH)
    ).all():
        yield from rows
        after = rows[-1].digest


def _digest(content: bytes) -> str:
    try:
        return digest_of(orjson.loads(content))
    except ValueError:
        return ""
