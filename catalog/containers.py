"""Which containers run where, of what are they made, and how did their deployments go?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, desc, select

from catalog.database import Database
from catalog.deployments import BACK, CONTAINER, DEPLOYMENT, FORWARD, PLAN, RESOURCE
from catalog.lines import LINE, meant
from catalog.spans import now
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
    """The running instance of a product major version; `usable` and `in_sync` are separate facts."""

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


class Deployment(NamedTuple):
    """One doing of a plan; `plan` is its stored document, None before it was made.

    `back` is the plan that undoes it, where it failed or was cancelled; `waiting` says what it waits for, if it does.
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
    principal: str
    requested_at: datetime
    at: datetime
    plan: Json = None
    back: Json = None
    waiting: Waiting | None = None
    resources: tuple[Resource, ...] = ()


BESIDE = ("plan", "back", "waiting", "resources")
"""What of a deployment stands in other tables."""

_CONTAINER = [CONTAINER.c[name] for name in Container._fields if name != "resources"]
_DEPLOYMENT = [DEPLOYMENT.c[name] for name in Deployment._fields if name not in BESIDE]
_RESOURCE = [RESOURCE.c[name] for name in Resource._fields]


class Containers:
    """Reads of containers and deployments as they are now."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def one(self, container_id: str, *, principal: Principal) -> Container | None:
        found = self._containers(CONTAINER.c.id == container_id, principal=principal)
        return found[0] if found else None

    def page(
        self,
        *,
        principal: Principal,
        environment: str | None = None,
        product: str | None = None,
        live: bool = True,
        limit: int = 100,
    ) -> list[Container]:
        """Containers by fqn and environment; `product` is a line's fqn or id, `live` leaves out retired ones."""
        conditions: list[ColumnElement[bool]] = []
        if environment is not None:
            conditions.append(CONTAINER.c.environment == environment)
        if product is not None:
            conditions.append(CONTAINER.c.line_id.in_(select(LINE.c.id).where(meant(product))))
        if live:
            conditions.append(CONTAINER.c.status.in_(sorted(LIVE)))
        return self._containers(*conditions, principal=principal, limit=limit)

    def deployment(self, deployment_id: str, *, principal: Principal) -> Deployment | None:
        """The deployment with its plan and the resources of its container."""
        shown = select(CONTAINER.c.id).where(
            CONTAINER.c.until_revision.is_(None), visible(principal, CONTAINER.c.domain)
        )
        found = select(*_DEPLOYMENT).where(now(DEPLOYMENT, {"id": deployment_id}), DEPLOYMENT.c.container_id.in_(shown))
        with self._database.reading() as connection:
            row = connection.execute(found).first()
            if row is None:
                return None
            kept = select(PLAN.c.leg, PLAN.c.document).where(PLAN.c.deployment_id == deployment_id)
            plans = {one.leg: one.document for one in connection.execute(kept)}
            waits = waiting(connection, [deployment_id]).get(deployment_id)
            resources = _resources(connection, [row.container_id]).get(row.container_id, ())
        return Deployment._make((*row, plans.get(FORWARD), plans.get(BACK), waits, resources))

    def deployments(self, container_id: str, *, principal: Principal, limit: int = 20) -> list[Deployment]:
        """The container's deployments, newest first, without plans and resources."""
        if self.one(container_id, principal=principal) is None:
            return []
        found = select(*_DEPLOYMENT).where(now(DEPLOYMENT, {"container_id": container_id}))
        with self._database.reading() as connection:
            rows = connection.execute(found.order_by(desc(DEPLOYMENT.c.generation)).limit(limit))
            return [Deployment._make((*row, None, None, None, ())) for row in rows]

    def _containers(self, *conditions: ColumnElement[bool], principal: Principal, limit: int = 1) -> list[Container]:
        seen = visible(principal, CONTAINER.c.domain)
        found = select(*_CONTAINER).where(CONTAINER.c.until_revision.is_(None), seen, *conditions)
        ordered = found.order_by(CONTAINER.c.fqn, CONTAINER.c.environment, CONTAINER.c.id).limit(limit)
        with self._database.reading() as connection:
            rows: Sequence[Row[Any]] = connection.execute(ordered).all()
            resources = _resources(connection, [row.id for row in rows])
        return [Container._make((*row, resources.get(row.id, ()))) for row in rows]


def _resources(connection: Connection, container_ids: Sequence[str]) -> dict[str, tuple[Resource, ...]]:
    """The resources of several containers by one statement, in the order in which they were made."""
    mine = RESOURCE.c.container_id.in_(container_ids)
    found = select(RESOURCE.c.container_id, *_RESOURCE).where(RESOURCE.c.until_revision.is_(None), mine)
    grouped: dict[str, tuple[Resource, ...]] = {}
    for container_id, *row in connection.execute(found.order_by(RESOURCE.c.position, RESOURCE.c.fqn)):
        grouped[container_id] = (*grouped.get(container_id, ()), Resource._make(row))
    return grouped
