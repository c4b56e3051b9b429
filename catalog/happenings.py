"""What happened to a deployment, step by step, and what since a given event?

The events of one deployment are numbered from 1 without a gap: the number is taken in the transaction that writes the
event, from a counter in the row of the deployment's turns, which is locked until then. So nobody who reads on from a
number ever misses one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, insert, select, update

from catalog.database import Database
from catalog.tables.deployment import ContainerRow, DeploymentRow, TurnRow
from catalog.tables.row import table_of
from catalog.tables.watching import EventRow
from catalog.visible import visible
from engine.model import Json, Principal
from engine.provision.events import EventKind
from engine.provision.states import DeploymentState

CONTAINER, DEPLOYMENT = table_of(ContainerRow), table_of(DeploymentRow)
EVENT, TURN = table_of(EventRow), table_of(TurnRow)


class Happening(NamedTuple):
    """One event of a deployment; `state` is that of the deployment, or of the `resource` (an fqn) if one is named."""

    sequence: int
    kind: str
    at: datetime
    state: str
    resource: str
    reason: str
    error_class: str
    details: Json


class Course(NamedTuple):
    """Some events in order. `ended`: the deployment is over and these are the last ones, so nothing will follow."""

    events: tuple[Happening, ...]
    reached: int
    more: bool
    ended: bool


def append(
    connection: Connection,
    deployment_id: str,
    kind: EventKind,
    at: datetime,
    *,
    state: str = "",
    resource: str = "",
    reason: str = "",
    error_class: str = "",
    details: Mapping[str, Json] | None = None,
) -> None:
    """Tell it in the caller's transaction, after everything that was told before."""
    mine = update(TURN).where(TURN.c.deployment_id == deployment_id)
    counted = mine.values(events=TURN.c.events + 1).returning(TURN.c.events)
    told = {"state": state, "resource": resource, "reason": reason, "error_class": error_class}
    row = {"deployment_id": deployment_id, "sequence": connection.execute(counted).scalar_one(), "kind": kind, "at": at}
    connection.execute(insert(EVENT), {**row, **told, "details": dict(details or {})})


def last_of(connection: Connection, deployment_id: str) -> Happening | None:
    """The newest event of a deployment."""
    mine = select(*_COLUMNS).where(EVENT.c.deployment_id == deployment_id)
    row = connection.execute(mine.order_by(EVENT.c.sequence.desc()).limit(1)).first()
    return None if row is None else Happening._make(row)


class Happenings:
    """Reads of the events of deployments."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def after(self, deployment_id: str, after: int, *, principal: Principal, limit: int) -> Course | None:
        """At most so many events after this number; None where there is no such deployment."""
        asked = (EVENT.c.deployment_id == deployment_id, EVENT.c.sequence > after)
        found = select(*_COLUMNS).where(*asked).order_by(EVENT.c.sequence).limit(limit + 1)
        with self._database.reading() as connection:
            # The state first: an event that comes between the two reads is told, and never a state before its event.
            state = connection.execute(_seen(principal).where(DEPLOYMENT.c.id == deployment_id)).scalar()
            rows = connection.execute(found).all()
        if state is None:
            return None
        course = _course([Happening._make(row) for row in rows], after, limit)
        return course._replace(ended=not course.more and not DeploymentState(state).running)

    def together(
        self, deployment_ids: Sequence[str], after: int, *, principal: Principal, limit: int
    ) -> dict[str, Course]:
        """The same for several deployments by one statement: numbers have no gap, so a page is a range of them."""
        seen = _seen(principal).where(DEPLOYMENT.c.id.in_(deployment_ids)).with_only_columns(DEPLOYMENT.c.id)
        mine = (EVENT.c.deployment_id.in_(seen), EVENT.c.sequence > after)
        found = select(EVENT.c.deployment_id, *_COLUMNS).where(*mine, EVENT.c.sequence <= after + limit + 1)
        told: dict[str, list[Happening]] = {one: [] for one in deployment_ids}
        with self._database.reading() as connection:
            for row in connection.execute(found.order_by(EVENT.c.sequence)):
                told[row[0]].append(Happening._make(row[1:]))
        return {one: _course(events, after, limit) for one, events in told.items()}

    def last(self, deployment_id: str) -> int:
        """The number of its newest event: 0 where nothing was ever told of it."""
        counted = select(TURN.c.events).where(TURN.c.deployment_id == deployment_id)
        with self._database.reading() as connection:
            return int(connection.execute(counted).scalar() or 0)


def _course(found: Sequence[Happening], after: int, limit: int) -> Course:
    """What was found (one more than the limit, if there is), as far as it goes."""
    events = tuple(found[:limit])
    return Course(events, events[-1].sequence if events else after, len(found) > limit, ended=False)


def _seen(principal: Principal) -> Select[Any]:
    """The states of the deployments whose container may be seen."""
    here = DEPLOYMENT.join(CONTAINER, CONTAINER.c.id == DEPLOYMENT.c.container_id)
    holds = (DEPLOYMENT.c.until_revision.is_(None), CONTAINER.c.until_revision.is_(None))
    return select(DEPLOYMENT.c.state).select_from(here).where(visible(principal, CONTAINER.c.domain), *holds)


_COLUMNS: tuple[Any, ...] = tuple(EVENT.c[name] for name in Happening._fields)
