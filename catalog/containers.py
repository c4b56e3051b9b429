"""Which containers run where, of what are they made, and how did their deployments go?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, desc, or_, select, tuple_

from catalog import cursor
from catalog.database import Database
from catalog.deployments import BACK, CONTAINER, DEPLOYMENT, FORWARD, PLAN
from catalog.lines import LINE, meant
from catalog.looks import Look
from catalog.looks import shown as looks_of
from catalog.resource_book import RESOURCE
from catalog.shown import Page
from catalog.spans import at_revision, now
from catalog.turns import Waiting, waiting
from catalog.visible import visible
from engine.model import Json, Principal
from engine.provision.states import LIVE


class Resource(NamedTuple):
    """One thing that an adapter made."""

    resource_id: str
    fqn: str
    kind: str
    name: str
    adapter: str
    state: str
    generation: int
    outputs: Json
    reason: str
    error_class: str
    deployment_id: str
    at: datetime


class Container(NamedTuple):
    """The running instance of a product major version; `usable` and `in_sync` are separate facts.

    `observed` says when it was and will be observed; None of the past, and of one that nobody looks at any more.
    """

    id: str
    fqn: str
    line_id: str
    name: str
    domain: str
    major: int
    environment: str
    status: str
    version: str
    digest: str
    generation: int
    deployment_id: str
    usable: bool
    in_sync: bool
    reason: str
    principal: str
    at: datetime
    resources: tuple[Resource, ...] = ()
    observed: Look | None = None


class Deployment(NamedTuple):
    """One doing of a plan; `plan` is its stored document, None before it was made.

    `back` is the plan that undoes it, where it failed or was cancelled; `waiting` says what it waits for, if it does.
    `asks` says what people are asked for since `asked_at` (`consent`, `approval`), `pinned` which plan alone is wanted.
    """

    id: str
    container_id: str
    action: str
    fqn: str
    environment: str
    version: str
    digest: str
    decision_id: str | None
    rollback: bool
    generation: int
    state: str
    reason: str
    error_class: str
    cause: str
    principal: str
    requested_at: datetime
    at: datetime
    pinned: str
    consent: bool
    asks: str
    asked_at: datetime | None
    approved_by: str
    approved_plan: str
    approved_at: datetime | None
    plan: Json = None
    back: Json = None
    waiting: Waiting | None = None
    resources: tuple[Resource, ...] = ()


BESIDE = ("plan", "back", "waiting", "resources", "observed")
"""What of a deployment, or of a container, stands in other tables."""

OF_CONTAINER = [CONTAINER.c[name] for name in Container._fields if name not in BESIDE]
OF_DEPLOYMENT = [DEPLOYMENT.c[name] for name in Deployment._fields if name not in BESIDE]
OF_RESOURCE = [RESOURCE.c[name] for name in Resource._fields]


class Containers:
    """Reads of containers and deployments as they are now, or were `at` a revision."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def one(self, container_id: str, *, principal: Principal, at: int | None = None) -> Container | None:
        """The container with this id and its resources."""
        statement = _containers(principal, at).where(CONTAINER.c.id == container_id)
        with self._database.reading() as connection:
            found = connection.execute(statement).first()
            return None if found is None else _whole(connection, [found], at)[0]

    def page(
        self,
        *,
        principal: Principal,
        environment: str | None = None,
        product: str | None = None,
        statuses: Collection[str] = LIVE,
        first: int = 100,
        after: str | None = None,
        at: int | None = None,
    ) -> Page[Container]:
        """Containers in the order of fqn and environment, without their resources.

        `product` is a line's fqn or id; `statuses` are the live ones unless others are named. Raises CursorInvalid.
        """
        scope = f"containers {[environment, product, *sorted(statuses)]}{cursor.of_revision(at)}"
        statement = _containers(principal, at).where(CONTAINER.c.status.in_(sorted(statuses)))
        if environment is not None:
            statement = statement.where(CONTAINER.c.environment == environment)
        if product is not None:
            statement = statement.where(CONTAINER.c.line_id.in_(select(LINE.c.id).where(meant(product, at=at))))
        if after is not None:
            place = cursor.read(after, scope=scope, shape=(str, str, str))
            statement = statement.where(tuple_(*self._order) > tuple_(*place))
        statement = statement.order_by(*self._order).limit(first + 1)
        with self._database.reading() as connection:
            rows = connection.execute(statement).all()
        return Page(
            tuple(Container(*row) for row in rows[:first]),
            len(rows) > first,
            scope,
            lambda one: (one.fqn, one.environment, one.id),
        )

    def with_resources(self, containers: Sequence[Container], *, at: int | None = None) -> list[Container]:
        """These containers with what each is made of, and when it was observed."""
        with self._database.reading() as connection:
            return _whole(connection, [one[: len(OF_CONTAINER)] for one in containers], at)

    def deployment(self, deployment_id: str, *, principal: Principal) -> Deployment | None:
        """The deployment with its plan and the resources of its container."""
        found = _deployments(principal, None).where(DEPLOYMENT.c.id == deployment_id)
        with self._database.reading() as connection:
            row = connection.execute(found).first()
            if row is None:
                return None
            kept = select(PLAN.c.leg, PLAN.c.document).where(now(PLAN, {"deployment_id": deployment_id}))
            plans = {one.leg: one.document for one in connection.execute(kept)}
            waits = waiting(connection, [deployment_id]).get(deployment_id)
            resources = _resources(connection, [row.container_id], None).get(row.container_id, ())
        return Deployment._make((*row, plans.get(FORWARD), plans.get(BACK), waits, resources))

    def deployments(self, container_id: str, *, principal: Principal, limit: int = 20) -> list[Deployment]:
        """The container's deployments, newest first, without plans and resources."""
        if self.one(container_id, principal=principal) is None:
            return []
        found = select(*OF_DEPLOYMENT).where(now(DEPLOYMENT, {"container_id": container_id}))
        with self._database.reading() as connection:
            rows = connection.execute(found.order_by(desc(DEPLOYMENT.c.generation)).limit(limit))
            return [Deployment(*row) for row in rows]

    def deployment_page(
        self,
        *,
        principal: Principal,
        states: Collection[str] = (),
        environment: str | None = None,
        product: str | None = None,
        container: str | None = None,
        first: int = 100,
        after: str | None = None,
        at: int | None = None,
    ) -> Page[Deployment]:
        """Deployments, the newest first, with what each waits for (of now), without their plans and resources.

        `product` is a line's fqn or id; no `states` means all. Raises CursorInvalid.
        """
        scope = f"deployments {[environment, product, container, *sorted(states)]}{cursor.of_revision(at)}"
        named = {"environment": environment, "container_id": container}
        wanted = [DEPLOYMENT.c[name] == value for name, value in named.items() if value is not None]
        wanted += [DEPLOYMENT.c.state.in_(sorted(states))] if states else []
        if product is not None:
            wanted.append(CONTAINER.c.line_id.in_(select(LINE.c.id).where(meant(product, at=at))))
        if after is not None:
            moment, id = cursor.read(after, scope=scope, shape=(str, str))
            begun, asked = DEPLOYMENT.c.requested_at, cursor.moment(moment)
            wanted.append(or_(begun < asked, and_(begun == asked, DEPLOYMENT.c.id < id)))
        found = _deployments(principal, at).where(*wanted)
        newest = (desc(DEPLOYMENT.c.requested_at), desc(DEPLOYMENT.c.id))
        with self._database.reading() as connection:
            rows = connection.execute(found.order_by(*newest).limit(first + 1)).all()
            waits = waiting(connection, [row.id for row in rows[:first]]) if at is None else {}
        items = tuple(Deployment(*row)._replace(waiting=waits.get(row.id)) for row in rows[:first])
        return Page(items, len(rows) > first, scope, lambda one: (one.requested_at.isoformat(), one.id))

    @property
    def _order(self) -> tuple[ColumnElement[Any], ...]:
        """Both stores compare environments byte by byte here, so that both give the same order."""
        binary = self._database.dialect == "postgresql"
        environment = CONTAINER.c.environment.collate("C") if binary else CONTAINER.c.environment
        return CONTAINER.c.fqn, environment, CONTAINER.c.id


def _containers(principal: Principal, at: int | None) -> Select[Any]:
    return select(*OF_CONTAINER).where(at_revision(CONTAINER, at), visible(principal, CONTAINER.c.domain))


def _deployments(principal: Principal, at: int | None) -> Select[Any]:
    """Those whose container may be seen, each looked up for its deployment: there are many more of others."""
    found = select(*OF_DEPLOYMENT).join(CONTAINER, CONTAINER.c.id == DEPLOYMENT.c.container_id)
    return found.where(at_revision(DEPLOYMENT, at), at_revision(CONTAINER, at), visible(principal, CONTAINER.c.domain))


def _whole(connection: Connection, rows: Sequence[Any], at: int | None) -> list[Container]:
    ids = [row[0] for row in rows]
    resources = _resources(connection, ids, at)
    looks = looks_of(connection, ids) if at is None else {}
    return [Container._make((*row, resources.get(row[0], ()), looks.get(row[0]))) for row in rows]


def _resources(connection: Connection, container_ids: Sequence[str], at: int | None) -> dict[str, tuple[Resource, ...]]:
    """The resources of several containers by one statement, in the order in which they were made."""
    mine = RESOURCE.c.container_id.in_(container_ids)
    found = select(RESOURCE.c.container_id, *OF_RESOURCE).where(at_revision(RESOURCE, at), mine)
    grouped: dict[str, tuple[Resource, ...]] = {}
    for container_id, *row in connection.execute(found.order_by(RESOURCE.c.position, RESOURCE.c.fqn)):
        grouped[container_id] = (*grouped.get(container_id, ()), Resource._make(row))
    return grouped
