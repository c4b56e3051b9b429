"""How do containers, deployments and resources change, without ever giving one slot to two?"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import Text, desc, func, insert, select, type_coerce, update

from catalog import looks, slots, turns
from catalog.builds import BuildBook
from catalog.resource_book import ResourceBook, Stored, following
from catalog.spans import begun, changed, now
from catalog.tables.deployment import ContainerRow, DeploymentRow, PlanRow
from catalog.tables.row import table_of
from engine.model import Json
from engine.provision.events import Cause, EventKind
from engine.provision.states import LIVE, ContainerStatus, DeploymentState

if TYPE_CHECKING:
    pass

CONTAINER = table_of(ContainerRow)
DEPLOYMENT = table_of(DeploymentRow)
PLAN = table_of(PlanRow)

FORWARD, BACK = "forward", "back"
"""The legs of a deployment: what it sets out to do, and how that is undone where it fails or is cancelled."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where at most one live container may be: a product, a major and an environment."""

    product_id: str
    line_id: str
    fqn: str
    name: str
    domain: str
    major: int
    environment: str


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done to a container, as far as the request knows it."""

    action: str
    version: str
    version_id: str
    digest: str
    decision_id: str | None = None
    rollback: bool = False
    data_policy: str = "retain"
    consent: bool = False
    pinned: str = ""
    judged: str = ""
    cause: Cause = Cause.REQUEST


class DeploymentBook(ResourceBook):
    """The containers and deployments of one unit of work; call `work.head()` before reading what you rely on.

    What changes a deployment, or a resource for it, is told as an event of it (`catalog.happenings`) on the way.
    A slot or container that is taken breaks a constraint of the database (`sqlalchemy.exc.IntegrityError`).
    """

    @property
    def builds(self) -> BuildBook:
        """What was built, and who is at it, in the same unit of work."""
        return BuildBook(self._work)

    # --- reading inside the transaction -----------------------------------------------------------------------------

    def holder(self, slot: Slot) -> Stored | None:
        """The live container in this slot."""
        here = now(CONTAINER, {"product_id": slot.product_id, "major": slot.major, "environment": slot.environment})
        return self._first(select(CONTAINER).where(here, CONTAINER.c.status.in_(sorted(LIVE))))

    def container(self, container_id: str) -> Stored | None:
        return self._first(select(CONTAINER).where(now(CONTAINER, {"id": container_id})))

    def deployment(self, deployment_id: str) -> Stored | None:
        return self._first(select(DEPLOYMENT).where(now(DEPLOYMENT, {"id": deployment_id})))

    def latest(self, container_id: str) -> Stored | None:
        """The container's newest deployment."""
        mine = now(DEPLOYMENT, {"container_id": container_id})
        newest = (desc(DEPLOYMENT.c.generation), desc(DEPLOYMENT.c.requested_at))
        return self._first(select(DEPLOYMENT).where(mine).order_by(*newest).limit(1))

    def plan(self, deployment_id: str, leg: str = FORWARD) -> Json:
        """The stored plan document of this leg, or None; not to be changed, since others are given the same one."""
        text = type_coerce(PLAN.c.document, Text)
        found = select(text).where(now(PLAN, {"deployment_id": deployment_id, "leg": leg}))
        return _read(self._work.connection.execute(found).scalar())

    def live_version(self, container_id: str) -> str | None:
        """The id of the version that the last deployment which succeeded brought."""
        mine = now(DEPLOYMENT, {"container_id": container_id, "action": "deploy", "state": "succeeded"})
        newest = select(DEPLOYMENT.c.version_id).where(mine).order_by(desc(DEPLOYMENT.c.generation)).limit(1)
        return self._work.connection.execute(newest).scalar()

    def next_generation(self, slot: Slot, held: Mapping[str, Any] | None) -> int:
        """The generation that a deployment in this slot gets, given the live container there, if there is one."""
        return 1 + int(held["generation"] if held else self._highest_generation(slot))

    # --- writing ----------------------------------------------------------------------------------------------------

    def open_container(self, slot: Slot) -> Stored:
        """A new container in a free slot, before its first deployment.

        Generations go on where earlier containers of the slot ended: adapters refuse lower ones for ever.
        """
        row = {
            **{name: getattr(slot, name) for name in Slot.__slots__},
            "id": str(uuid.uuid4()),
            "status": ContainerStatus.PROVISIONING,
            "version": "",
            "digest": "",
            "generation": self._highest_generation(slot),
            "deployment_id": "",
            "usable": False,
            "in_sync": False,
            "reason": "",
            "principal": self._work.principal.id,
        }
        begun(self._work, CONTAINER, row)
        looks.begin(self._work.connection, row["id"], slot.environment)
        return row

    def request(self, container: Mapping[str, Any], order: Order) -> Stored:
        """A queued deployment of a container at its next generation; the container is told who holds it."""
        row = {
            **{name: getattr(order, name) for name in Order.__slots__},
            "id": str(uuid.uuid4()),
            "container_id": container["id"],
            "fqn": container["fqn"],
            "environment": container["environment"],
            "generation": container["generation"] + 1,
            "state": DeploymentState.QUEUED,
            "asks": "",
            "approved_by": "",
            "approved_plan": "",
            "reason": "",
            "error_class": "",
            "principal": self._work.principal.id,
            "requested_at": self._work.at,
        }
        begun(self._work, DEPLOYMENT, row)
        turns.begin(self._work.connection, row["id"])
        told = ("action", "fqn", "version", "environment", "generation", "cause", "principal")
        self._happened(row["id"], EventKind.REQUESTED, state=row["state"], details={one: row[one] for one in told})
        return row

    def change_container(self, container_id: str, **values: Any) -> Stored:
        """Raises `IllegalMove` where its status cannot follow; so do the three below."""
        follows = following("status", ContainerStatus, values)
        row = changed(self._work, CONTAINER, {"id": container_id}, values, allowed=follows)
        if not ContainerStatus(row["status"]).live:
            looks.end(self._work.connection, container_id)
        return row

    def change_deployment(self, deployment_id: str, **values: Any) -> Stored:
        before: Stored = {}

        def follows(row: Mapping[str, Any]) -> None:
            before.update(row)
            following("state", DeploymentState, values)(row)

        row = changed(self._work, DEPLOYMENT, {"id": deployment_id}, values, allowed=follows)
        told = {name: row[name] for name in ("state", "reason", "error_class")}
        if told != {name: before[name] for name in told}:
            self._happened(deployment_id, EventKind.STATE, **told, details={"before": before["state"]})
        if not DeploymentState(row["state"]).running:
            self.leave(deployment_id)
        return row

    def keep_plan(self, deployment_id: str, document: Mapping[str, Json], leg: str = FORWARD) -> None:
        """Keep this plan of the deployment, after another one that holds no more."""
        before = now(PLAN, {"deployment_id": deployment_id, "leg": leg})
        self._work.connection.execute(update(PLAN).where(before).values(until_revision=self._work.revision))
        row = {"deployment_id": deployment_id, "leg": leg, "digest": document["digest"], "document": dict(document)}
        self._work.connection.execute(insert(PLAN), {**row, "from_revision": self._work.revision})
        self._happened(deployment_id, EventKind.PLANNED, details={"leg": leg, "actions": _shown(document)})

    def place(self, deployment_id: str, limit: slots.Limit) -> slots.Full | None:
        """Take a place under this limit, and keep it; what stands in the way where there is none."""
        return slots.asked(self._work.connection, deployment_id, limit)

    def leave(self, deployment_id: str, name: str | None = None) -> None:
        """Leave the place of this name, or all of them, to who is next."""
        slots.left(self._work.connection, deployment_id, name)

    def tell(self, kind: str, container: Mapping[str, Any], **payload: Json) -> None:
        """Append to the feed what happened to a container."""
        told = {"container": container["id"], "environment": container["environment"], **payload}
        self._work.changes.append(kind, container["fqn"], told, domain=container["domain"])

    def _highest_generation(self, slot: Slot) -> int:
        mine = now(CONTAINER, {"product_id": slot.product_id, "major": slot.major, "environment": slot.environment})
        return int(self._work.connection.execute(select(func.max(CONTAINER.c.generation)).where(mine)).scalar() or 0)


@lru_cache(maxsize=8)
def _read(document: str | None) -> Json:
    """Every step of a deployment asks for its plan, which never changes."""
    return None if document is None else orjson.loads(document)


def _shown(document: Mapping[str, Json]) -> list[Json]:
    """What a plan would do, as its event tells it: without configuration, which is the adapters' business."""
    names = ("action", "reason", "adapter", "destructive")
    return [
        {name: one[name] for name in names} | {"resource": one["request"]["component"]["fqn"]}
        for one in document.get("actions", ())
    ]
