"""What do many lines or containers have, each kind of thing in one statement for all of them?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, exists, select

from catalog import plans
from catalog.containers import OF_CONTAINER, OF_DEPLOYMENT, OF_RESOURCE, Container, Deployment, Resource
from catalog.database import Database
from catalog.deployments import CONTAINER, DEPLOYMENT, FORWARD, PLAN
from catalog.looks import Look
from catalog.looks import shown as looks_of
from catalog.plans import StoredPlan
from catalog.products import LISTED, LISTING, STATUS, VERSION
from catalog.resource_book import RESOURCE
from catalog.shown import Product, StoredVersion
from catalog.spans import at_revision
from catalog.turns import Waiting, waiting
from catalog.visible import visible
from engine.model import Principal
from engine.provision.states import LIVE

_STANDING = tuple(
    (STATUS if name in ("status", "reason", "sunset", "successor") else VERSION).c[name]
    for name in StoredVersion._fields
)


class Together:
    """Reads for answers that hold many things, now or as they were `at` a revision; by the id that was asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def products(self, line_ids: Sequence[str], *, principal: Principal, at: int | None = None) -> dict[str, Product]:
        """The current version of each of these lines."""
        found = select(*LISTED).where(LISTING.c.line_id.in_(line_ids), at_revision(LISTING, at))
        rows = self._rows(found.where(visible(principal, LISTING.c.domain)))
        return {row.line_id: Product._make(row) for row in rows}

    def versions(
        self, line_ids: Sequence[str], *, principal: Principal, at: int | None = None
    ) -> dict[str, tuple[StoredVersion, ...]]:
        """All versions of each of these lines, highest first."""
        found = self._versions(principal, at).where(VERSION.c.line_id.in_(line_ids))
        rows = self._rows(found.order_by(VERSION.c.line_id, VERSION.c.precedence.desc()))
        return _grouped(line_ids, ((row[-1], StoredVersion._make(row[:-1])) for row in rows))

    def accepted(
        self, version_ids: Sequence[str], *, principal: Principal, at: int | None = None
    ) -> dict[str, StoredVersion]:
        """The versions with these ids."""
        rows = self._rows(self._versions(principal, at).where(VERSION.c.id.in_(version_ids)))
        return {row.id: StoredVersion._make(row[:-1]) for row in rows}

    def containers(
        self, line_ids: Sequence[str], *, principal: Principal, at: int | None = None
    ) -> dict[str, tuple[Container, ...]]:
        """The live containers of each of these lines, by environment, without their resources."""
        live = CONTAINER.c.line_id.in_(line_ids), CONTAINER.c.status.in_(sorted(LIVE))
        seen = at_revision(CONTAINER, at), visible(principal, CONTAINER.c.domain)
        ordered = select(*OF_CONTAINER).where(*live, *seen).order_by(CONTAINER.c.environment, CONTAINER.c.id)
        return _grouped(line_ids, ((row.line_id, Container(*row)) for row in self._rows(ordered)))

    def known(
        self, container_ids: Sequence[str], *, principal: Principal, at: int | None = None
    ) -> dict[str, Container]:
        """The containers with these ids, live or not, without their resources."""
        found = select(*OF_CONTAINER).where(CONTAINER.c.id.in_(container_ids), at_revision(CONTAINER, at))
        rows = self._rows(found.where(visible(principal, CONTAINER.c.domain)))
        return {row.id: Container(*row) for row in rows}

    def resources(
        self, container_ids: Sequence[str], *, principal: Principal, at: int | None = None
    ) -> dict[str, tuple[Resource, ...]]:
        """What each of these containers is made of, in the order in which it was made."""
        found = select(RESOURCE.c.container_id, *OF_RESOURCE).where(at_revision(RESOURCE, at))
        found = found.where(RESOURCE.c.container_id.in_(container_ids), _shown(RESOURCE, principal, at))
        rows = self._rows(found.order_by(RESOURCE.c.position, RESOURCE.c.fqn))
        return _grouped(container_ids, ((row[0], Resource(*row[1:])) for row in rows))

    def deployments(
        self, deployment_ids: Sequence[str], *, principal: Principal, at: int | None = None
    ) -> dict[str, Deployment]:
        """These deployments, without their plans and resources."""
        found = select(*OF_DEPLOYMENT).where(DEPLOYMENT.c.id.in_(deployment_ids), at_revision(DEPLOYMENT, at))
        rows = self._rows(found.where(_shown(DEPLOYMENT, principal, at)))
        return {row.id: Deployment(*row) for row in rows}

    def plans(
        self, deployment_ids: Sequence[str], *, principal: Principal, at: int | None = None
    ) -> dict[str, StoredPlan]:
        """What each of these deployments carries out, or what people are asked about; not how it is undone."""
        mine = (DEPLOYMENT.c.id == PLAN.c.deployment_id, at_revision(DEPLOYMENT, at), _shown(DEPLOYMENT, principal, at))
        found = select(PLAN.c.deployment_id, PLAN.c.document).where(exists().where(*mine), at_revision(PLAN, at))
        rows = self._rows(found.where(PLAN.c.deployment_id.in_(deployment_ids), PLAN.c.leg == FORWARD))
        return {row.deployment_id: plans.read(*row) for row in rows}

    def looks(self, container_ids: Sequence[str], *, principal: Principal, at: int | None = None) -> dict[str, Look]:
        """When each of these containers was and will be observed; of the past nothing is known of that."""
        if at is not None:
            return {}
        shown = select(CONTAINER.c.id).where(CONTAINER.c.id.in_(container_ids), at_revision(CONTAINER, None))
        with self._database.reading() as connection:
            seen = connection.execute(shown.where(visible(principal, CONTAINER.c.domain))).scalars().all()
            return looks_of(connection, seen)

    def waits(
        self, deployment_ids: Sequence[str], *, principal: Principal, at: int | None = None
    ) -> dict[str, Waiting]:
        """What each of these deployments waits for now; of the past nothing is known of that."""
        if at is not None:
            return {}
        found = select(DEPLOYMENT.c.id).where(DEPLOYMENT.c.id.in_(deployment_ids), at_revision(DEPLOYMENT, None))
        with self._database.reading() as connection:
            seen = connection.execute(found.where(_shown(DEPLOYMENT, principal, None))).scalars().all()
            return waiting(connection, seen)

    def _versions(self, principal: Principal, at: int | None) -> Select[Any]:
        statement = select(*_STANDING, VERSION.c.line_id).join(STATUS, STATUS.c.version_id == VERSION.c.id)
        return statement.where(at_revision(STATUS, at), visible(principal, VERSION.c.domain))

    def _rows(self, statement: Select[Any]) -> Sequence[Any]:
        with self._database.reading() as connection:
            return connection.execute(statement).all()


def _shown(of: Table, principal: Principal, at: int | None) -> ColumnElement[bool]:
    """The container of these rows may be seen."""
    container = CONTAINER.c.id == of.c.container_id
    return exists().where(container, at_revision(CONTAINER, at), visible(principal, CONTAINER.c.domain))


def _grouped(keys: Iterable[str], pairs: Iterable[tuple[str, Any]]) -> dict[str, tuple[Any, ...]]:
    grouped: dict[str, list[Any]] = {key: [] for key in keys}
    for key, value in pairs:
        grouped[key].append(value)
    return {key: tuple(values) for key, values in grouped.items()}
