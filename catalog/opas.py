"""Which OPA servers are there, which bundle does each hold, and what did they decide?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import delete, func, select, update

from catalog.among import among
from catalog.database import Database
from catalog.once import insert_once
from catalog.tables.opa import OpaDecisionRow, OpaRow
from catalog.tables.row import table_of

if TYPE_CHECKING:
    from catalog.work import UnitOfWork

OPA, DECISION = table_of(OpaRow), table_of(OpaDecisionRow)
KEPT_FOR = timedelta(days=30)
"""How long a log entry is kept, and an OPA that says nothing any more is listed."""
MOST_DECISIONS = 1_000_000
MOST_OPAS = 10_000


class Opa(NamedTuple):
    """The last status of an OPA server; `at` is when it came. Moments of its own are told as it told them."""

    id: str
    labels: Mapping[str, str]
    revision: str
    activated: str
    requested: str
    code: str
    message: str
    errors: Sequence[str]
    at: datetime


class OpaDecision(NamedTuple):
    """One entry of an OPA server's decision log; `event` is its JSON as it came."""

    decision_id: str
    opa: str
    revision: str
    path: str
    timestamp: str
    event: bytes


class Opas:
    """Reads of what OPA servers reported. They belong to the whole mesh: nobody is hidden one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, *, first: int = 100, after: str = "") -> tuple[Opa, ...]:
        """OPA servers in the order of their ids, after this one."""
        columns = (OPA.c[name] for name in Opa._fields)
        statement = select(*columns).where(OPA.c.id > after).order_by(OPA.c.id).limit(first)
        with self._database.reading() as connection:
            return tuple(map(Opa._make, connection.execute(statement).all()))

    def decision(self, decision_id: str) -> OpaDecision | None:
        """The log entry with this id."""
        columns = (DECISION.c[name] for name in OpaDecision._fields)
        statement = select(*columns).where(DECISION.c.decision_id == decision_id)
        with self._database.reading() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else OpaDecision._make(row)


def heard(work: UnitOfWork, opa: Opa) -> None:
    """Keep the last status of this OPA server. A report is no change of the mesh: no new revision of the catalog."""
    values = {**opa._asdict(), "principal": work.principal.id}
    changed = update(OPA).where(OPA.c.id == opa.id).values({k: v for k, v in values.items() if k != "id"})
    if not work.connection.execute(changed).rowcount:
        work.connection.execute(insert_once(OPA, work.database.dialect), values)
    work.connection.execute(delete(OPA).where(OPA.c.at < opa.at - KEPT_FOR))
    _bound(work, OPA, OPA.c.at, MOST_OPAS)


def logged(work: UnitOfWork, decisions: Sequence[OpaDecision]) -> int:
    """Keep these log entries, and give how many were new: one that came before stays as it came first."""
    work.connection.execute(delete(DECISION).where(DECISION.c.at < work.at - KEPT_FOR))
    rows = [{**one._asdict(), "principal": work.principal.id, "at": work.at} for one in decisions]
    if not rows:
        return 0
    before = _known(work, [one.decision_id for one in decisions])
    work.connection.execute(insert_once(DECISION, work.database.dialect), rows)
    newest = work.connection.execute(select(func.max(DECISION.c.number))).scalar_one()
    work.connection.execute(delete(DECISION).where(DECISION.c.number <= newest - MOST_DECISIONS))
    return len({one.decision_id for one in decisions} - before)


def _known(work: UnitOfWork, ids: Sequence[str]) -> set[str]:
    wanted = select(DECISION.c.decision_id).where(among(DECISION.c.decision_id, "ids"))
    return set(work.connection.execute(wanted, {"ids": list(ids)}).scalars())


def _bound(work: UnitOfWork, table: Any, column: Any, most: int) -> None:
    """Forget the longest silent ones beyond `most`."""
    oldest = select(column).order_by(column.desc()).offset(most).limit(1).scalar_subquery()
    work.connection.execute(delete(table).where(column <= oldest))
