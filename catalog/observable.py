"""What has to be known of containers that are to be looked at?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from catalog.database import Database
from catalog.deployments import CONTAINER, DEPLOYMENT
from catalog.resource_book import RESOURCE, Stored
from engine.provision.states import ContainerStatus, DeploymentAction, DeploymentState, ResourceState

STEADY = frozenset({ContainerStatus.ACTIVE, ContainerStatus.DEGRADED})
"""Statuses of containers that are made and that no deployment is at."""
WELL_ENDED = frozenset({DeploymentState.SUCCEEDED, DeploymentState.FAILED_CLEAN, DeploymentState.CANCELLED_CLEAN})


@dataclass(frozen=True, slots=True)
class Observable:
    """A container that no deployment is at, with what it is made of.

    `clean` says that its last deployment left it as its version wants it, so that what differs now has drifted; `redo`
    that it only made the version again that is live, and failed.
    """

    container: Stored
    resources: tuple[Stored, ...]
    clean: bool
    redo: bool

    @property
    def id(self) -> str:
        return str(self.container["id"])


def observable(database: Database, container_ids: Sequence[str]) -> dict[str, Observable]:
    """Those of these containers that may be looked at, three statements for all of them."""
    steady = (CONTAINER.c.until_revision.is_(None), CONTAINER.c.status.in_(sorted(STEADY)))
    with database.snapshot() as connection:
        found = connection.execute(select(CONTAINER).where(CONTAINER.c.id.in_(container_ids), *steady)).mappings()
        containers = {row["id"]: dict(row) for row in found}
        held = [one["deployment_id"] for one in containers.values()]
        here = (DEPLOYMENT.c.until_revision.is_(None), DEPLOYMENT.c.id.in_(held))
        lasts = {
            row["container_id"]: dict(row) for row in connection.execute(select(DEPLOYMENT).where(*here)).mappings()
        }
        mine = (RESOURCE.c.until_revision.is_(None), RESOURCE.c.container_id.in_(list(containers)))
        made = connection.execute(select(RESOURCE).where(*mine).order_by(RESOURCE.c.position, RESOURCE.c.fqn))
        parts: dict[str, list[Any]] = {one: [] for one in containers}
        for row in made.mappings():
            if not ResourceState(row["state"]).gone:
                parts[row["container_id"]].append(dict(row))
    return {key: _observable(one, tuple(parts[key]), lasts.get(key, {})) for key, one in containers.items()}


def _observable(container: Stored, resources: tuple[Stored, ...], last: Mapping[str, Any]) -> Observable:
    clean = last.get("state") in WELL_ENDED
    same = all(last.get(name) == container[name] for name in ("version", "digest"))
    redo = not clean and same and last.get("action") == DeploymentAction.DEPLOY
    return Observable(container, resources, clean, redo)
