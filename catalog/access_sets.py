"""Which set of grants does each output port that runs have, which one should it have, and who is at work on it?

A grant belongs to a port of a line in an environment, so a container that is made again has the same ones. The set of
a resource is brought about by whoever claims it; nothing here is a fact of the mesh (`catalog.tables.access`).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, insert, or_, select, update

from catalog import clock
from catalog.access import ACCESS, OPEN
from catalog.database import Database
from catalog.deployments import CONTAINER, DEPLOYMENT
from catalog.resource_book import RESOURCE
from catalog.tables.access import AccessSetRow
from catalog.tables.order import HeadRow
from catalog.tables.row import table_of
from catalog.visible import visible
from engine.model import Principal
from engine.provision.naming import digest_of
from engine.provision.states import LIVE, RUNNING, DeploymentState

SET, HEAD = table_of(AccessSetRow), table_of(HeadRow)
PORT = "outputport"
BUSY = tuple(sorted(RUNNING - {DeploymentState.AWAITING_APPROVAL}))
"""States of a deployment that is at work; one that waits for an approval keeps nobody from being shut out."""
THERE = ("ready", "drifted")


class Set(NamedTuple):
    """What is known of the grants of one resource: `given` are in, `wanted` are being let in.

    `state` is `setting`, `set`, `unsupported` (its adapter gives no access) or `failed`.
    """

    container_id: str
    resource_id: str
    state: str
    digest: str
    generation: int
    given: tuple[str, ...]
    wanted: tuple[str, ...]
    intact: bool
    operation: str
    tries: int
    reason: str
    error_class: str
    claim: str
    due_at: float


class Port(NamedTuple):
    """The resource of an output port that runs, who should be let in, and its set so far."""

    container_id: str
    resource_id: str
    line_id: str
    environment: str
    name: str
    adapter: str
    state: str
    generation: int
    fingerprint: str
    request: Mapping[str, Any]
    wanted: tuple[str, ...]
    known: Set | None

    @property
    def digest(self) -> str:
        return digest_of([*self.wanted])

    def due(self, now: float) -> bool:
        """Whether something is to be done at this second of the database's clock."""
        known = self.known
        if known is None:
            return bool(self.wanted)
        if known.due_at <= now:
            return True
        same = (known.digest, known.generation) == (self.digest, self.generation)
        return not (known.claim or known.operation or same)


class PortAccess(NamedTuple):
    """Who is let in to an output port of a container, and why not those who should be."""

    port: str
    adapter: str
    state: str
    subjects: tuple[str, ...]
    wanted: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Round:
    """The ports that were looked at, and the second of the database's clock at which they were."""

    ports: tuple[Port, ...]
    now: float


_RESOURCE = (
    *(RESOURCE.c[name] for name in ("container_id", "resource_id")),
    *(CONTAINER.c[name] for name in ("line_id", "environment")),
    *(RESOURCE.c[name] for name in ("name", "adapter", "state", "generation", "fingerprint", "request")),
)
_SET = tuple(SET.c[name] for name in Set._fields)


def look(connection: Connection, moment: datetime, *, resource: tuple[str, str] | None = None) -> Round:
    """Every port that has grants at this moment, or had a set, and whose container nobody is at work on.

    `resource` (the ids of its container and its own) narrows it to one.
    """
    granted = (ACCESS.c.line_id == CONTAINER.c.line_id, ACCESS.c.environment == CONTAINER.c.environment)
    approved = (ACCESS.c.until_revision.is_(None), ACCESS.c.state == "approved", ACCESS.c.ends > moment)
    lets_in = exists().where(*granted, *approved, ACCESS.c.port == RESOURCE.c.name)
    joined = RESOURCE.join(CONTAINER, and_(CONTAINER.c.id == RESOURCE.c.container_id, _now(CONTAINER)))
    joined = joined.join(DEPLOYMENT, and_(DEPLOYMENT.c.id == CONTAINER.c.deployment_id, _now(DEPLOYMENT)))
    same = and_(SET.c.container_id == RESOURCE.c.container_id, SET.c.resource_id == RESOURCE.c.resource_id)
    found = select(*_RESOURCE, *_SET).select_from(joined.outerjoin(SET, same)).where(
        *(_now(RESOURCE), RESOURCE.c.kind == PORT, RESOURCE.c.state.in_(THERE)),
        *(CONTAINER.c.status.in_(sorted(LIVE)), DEPLOYMENT.c.state.not_in(BUSY)),
        or_(lets_in, SET.c.container_id.is_not(None)),
    )  # fmt: skip
    if resource is not None:
        found = found.where(RESOURCE.c.container_id == resource[0], RESOURCE.c.resource_id == resource[1])
    rows = connection.execute(found).all()
    wanted = _wanted(connection, moment, {(row.line_id, row.environment, row.name) for row in rows})
    now = connection.execute(select(clock.seconds(connection.dialect.name))).scalar_one()
    cut = len(_RESOURCE)
    ports = (
        Port._make((*row[:cut], wanted.get((row.line_id, row.environment, row.name), ()), _set(row[cut:])))
        for row in rows
    )
    return Round(tuple(ports), float(now))


def signs(connection: Connection) -> tuple[int, float]:
    """The catalog's last revision, and the second by the database's clock."""
    row = connection.execute(select(HEAD.c.revision, clock.seconds(connection.dialect.name).label("now"))).one()
    return row.revision, float(row.now)


def next_due(connection: Connection, moment: datetime) -> tuple[datetime | None, float | None]:
    """When the next grant ends (None: none does), and at which second the next set is looked at again."""
    ends = select(func.min(ACCESS.c.ends)).where(_now(ACCESS), ACCESS.c.state.in_(OPEN), ACCESS.c.ends > moment)
    due = connection.execute(select(func.min(SET.c.due_at))).scalar()
    return connection.execute(ends).scalar(), None if due is None else float(due)


def claimed(connection: Connection, port: Port, *, seconds: float, intact: bool) -> str:
    """Say that this port is being given what it should have; the claim, which is void after so many seconds."""
    claim, until = uuid.uuid4().hex, clock.seconds(connection.dialect.name) + seconds
    values: dict[str, Any] = {"state": "setting", "claim": claim, "due_at": until}
    if port.known is None or not port.known.operation:  # what goes on gives what it was begun with
        asked = {"digest": port.digest, "generation": port.generation, "wanted": list(port.wanted)}
        values |= {**asked, "intact": intact}
    if port.known is not None:
        connection.execute(update(SET).where(_key(port)).values(**values))
        return claim
    key = {"container_id": port.container_id, "resource_id": port.resource_id}
    fresh = {"given": [], "operation": "", "tries": 0, "reason": "", "error_class": ""}
    connection.execute(insert(SET).values(**key, **fresh, **values))
    return claim


def noted(connection: Connection, port: Port, claim: str, *, seconds: float, **values: Any) -> bool:
    """Note how it went and when it is looked at again, in so many seconds; False where the claim was void by then.

    What a claim that was void has done may be older than what another did, so the set is given once more.
    """
    due = clock.seconds(connection.dialect.name) + seconds
    mine = update(SET).where(_key(port), SET.c.claim == claim)
    if connection.execute(mine.values(claim="", due_at=due, **values)).rowcount == 1:
        return True
    connection.execute(update(SET).where(_key(port)).values(digest=""))
    return False


def of_resource(connection: Connection, container_id: str, resource_id: str) -> Set | None:
    """The set of this resource."""
    found = select(*_SET).where(SET.c.container_id == container_id, SET.c.resource_id == resource_id)
    row = connection.execute(found).one_or_none()
    return None if row is None else _set(row)


def forget(connection: Connection, container_id: str, resource_id: str) -> None:
    """Nobody is let in to this resource any more."""
    connection.execute(delete(SET).where(SET.c.container_id == container_id, SET.c.resource_id == resource_id))


class AccessSets:
    """Reads of sets, for who shows containers and grants."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_containers(
        self, container_ids: Sequence[str], *, principal: Principal, at: int | None = None
    ) -> dict[str, tuple[PortAccess, ...]]:
        """The access to the output ports of each of these containers by name, by one statement; nothing of a past
        revision, since what is in effect is known of now only."""
        grouped: dict[str, tuple[PortAccess, ...]] = dict.fromkeys(container_ids, ())
        for row in () if at is not None else self._ports(principal, CONTAINER.c.id.in_(container_ids)):
            if row.container_id is not None:
                grouped[row.container_id] = (*grouped[row.container_id], _port_access(row))
        return grouped

    def of_lines(
        self, line_ids: Sequence[str], *, principal: Principal, at: int | None = None
    ) -> dict[str, dict[tuple[str, str], Set | None]]:
        """By line, the set of each output port that is there in a live container, by environment and name; nothing of
        a past revision."""
        grouped: dict[str, dict[tuple[str, str], Set | None]] = {id: {} for id in line_ids}
        for row in () if at is not None else self._ports(principal, CONTAINER.c.line_id.in_(line_ids)):
            grouped[row.line_id][row.environment, row.name] = _set(row[_CUT:])
        return grouped

    def _ports(self, principal: Principal, which: ColumnElement[bool]) -> Sequence[Any]:
        joined = RESOURCE.join(CONTAINER, and_(CONTAINER.c.id == RESOURCE.c.container_id, _now(CONTAINER)))
        same = and_(SET.c.container_id == RESOURCE.c.container_id, SET.c.resource_id == RESOURCE.c.resource_id)
        live = (CONTAINER.c.status.in_(sorted(LIVE)), visible(principal, CONTAINER.c.domain), which)
        there = (_now(RESOURCE), RESOURCE.c.kind == PORT, RESOURCE.c.state.not_in(("deleted", "retained")))
        found = select(*_SHOWN, *_SET).select_from(joined.outerjoin(SET, same)).where(*live, *there)
        with self._database.reading() as connection:
            return connection.execute(found.order_by(RESOURCE.c.name)).all()


_SHOWN = (CONTAINER.c.line_id, CONTAINER.c.environment, RESOURCE.c.name, RESOURCE.c.adapter)
_CUT = len(_SHOWN)


def _port_access(row: Any) -> PortAccess:
    held = _set(row[_CUT:])
    assert held is not None
    return PortAccess(row.name, row.adapter, held.state, held.given, held.wanted, held.reason)


def _wanted(
    connection: Connection, moment: datetime, ports: set[tuple[str, str, str]]
) -> dict[tuple[str, str, str], tuple[str, ...]]:
    """Who is to be let in to each of these ports, each once, by name."""
    lines = {line for line, _, _ in ports}
    columns = tuple(ACCESS.c[name] for name in ("line_id", "environment", "port", "subject"))
    held = (_now(ACCESS), ACCESS.c.state == "approved", ACCESS.c.ends > moment, ACCESS.c.line_id.in_(lines))
    grouped: dict[tuple[str, str, str], set[str]] = {}
    for line, environment, port, subject in connection.execute(select(*columns).where(*held)):
        grouped.setdefault((line, environment, port), set()).add(subject)
    return {port: tuple(sorted(subjects)) for port, subjects in grouped.items()}


def _set(row: Sequence[Any]) -> Set | None:
    if row[0] is None:
        return None
    one = Set._make(row)
    return one._replace(given=tuple(one.given), wanted=tuple(one.wanted), due_at=float(one.due_at))


def _key(port: Port) -> Any:
    return and_(SET.c.container_id == port.container_id, SET.c.resource_id == port.resource_id)


def _now(table: Any) -> Any:
    return table.c.until_revision.is_(None)
