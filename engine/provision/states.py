"""Which states do deployments, containers and resources pass through, and which may follow which?

Reference: provisioning §2.5, without its queue behind a running deployment. A move that no table below has is an error
of ours: nothing is written then.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar


class DeploymentAction(StrEnum):
    """What a deployment does to its container."""

    DEPLOY = "deploy"
    RETIRE = "retire"


class DeploymentState(StrEnum):
    QUEUED = "queued"
    PLANNING = "planning"
    AWAITING_APPROVAL = "awaiting_approval"
    APPLYING = "applying"
    VERIFYING = "verifying"
    FAILING = "failing"
    COMPENSATING = "compensating"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    FAILED_CLEAN = "failed_clean"
    FAILED_DIRTY = "failed_dirty"
    CANCELLED_CLEAN = "cancelled_clean"
    CANCELLED_DIRTY = "cancelled_dirty"
    REJECTED = "rejected"

    @property
    def running(self) -> bool:
        return self in RUNNING


RUNNING = frozenset(
    {
        DeploymentState.QUEUED,
        DeploymentState.PLANNING,
        DeploymentState.AWAITING_APPROVAL,
        DeploymentState.APPLYING,
        DeploymentState.VERIFYING,
        DeploymentState.FAILING,
        DeploymentState.COMPENSATING,
        DeploymentState.CANCELLING,
    }
)
"""States in which a deployment holds its container; the index `one_running` counts exactly these."""


UNDOING = frozenset({DeploymentState.FAILING, DeploymentState.COMPENSATING, DeploymentState.CANCELLING})
"""States in which a deployment is on its way back; it cannot be cancelled any more."""


class ContainerStatus(StrEnum):
    PROVISIONING = "provisioning"
    ACTIVE = "active"
    DEGRADED = "degraded"
    UPDATING = "updating"
    DEPROVISIONING = "deprovisioning"
    NEEDS_CLEANUP = "needs_cleanup"
    RELEASED = "released"
    RETIRED = "retired"

    @property
    def live(self) -> bool:
        return self in LIVE


LIVE = frozenset(ContainerStatus) - {ContainerStatus.RELEASED, ContainerStatus.RETIRED}
"""Statuses that occupy the slot of a product major version in an environment; `one_container` counts these."""


class ResourceState(StrEnum):
    INTENT = "intent"
    APPLYING = "applying"
    READY = "ready"
    DRIFTED = "drifted"
    FAILED = "failed"
    UNKNOWN = "unknown"
    DELETING = "deleting"
    DELETED = "deleted"
    RETAINED = "retained"

    @property
    def gone(self) -> bool:
        return self in (ResourceState.DELETED, ResourceState.RETAINED)


Named = TypeVar("Named", bound=StrEnum)


def _moves(table: Mapping[str, str], kind: type[Named]) -> Mapping[Named, frozenset[Named]]:
    return {kind(one): frozenset(map(kind, after.split())) for one, after in table.items()}


DEPLOYMENT_MOVES = _moves(
    {
        "queued": "planning failing cancelling",
        "planning": "awaiting_approval applying rejected failing cancelling",
        "awaiting_approval": "applying rejected failing cancelling",
        "applying": "verifying failing cancelling",
        "verifying": "succeeded failing cancelling",
        "failing": "compensating failed_clean failed_dirty",
        "compensating": "failed_clean failed_dirty",
        "cancelling": "cancelled_clean cancelled_dirty",
    },
    DeploymentState,
)

CONTAINER_MOVES = _moves(
    {
        "provisioning": "active released needs_cleanup",
        "active": "degraded updating deprovisioning",
        "degraded": "active updating deprovisioning",
        "updating": "active degraded needs_cleanup",
        "deprovisioning": "retired active degraded needs_cleanup",
        "needs_cleanup": "deprovisioning retired",
    },
    ContainerStatus,
)

RESOURCE_MOVES = _moves(
    {
        "intent": "applying ready failed unknown deleting",
        "applying": "intent ready failed unknown deleting",
        "ready": "intent drifted unknown deleting",
        "drifted": "intent ready unknown deleting",
        "failed": "intent unknown deleting",
        "unknown": "intent ready drifted failed deleting",
        "deleting": "intent deleted retained failed unknown",
        "deleted": "intent deleting",
        "retained": "intent deleting",
    },
    ResourceState,
)

_TABLES: Mapping[type[StrEnum], Mapping[Any, frozenset[Any]]] = {
    DeploymentState: DEPLOYMENT_MOVES,
    ContainerStatus: CONTAINER_MOVES,
    ResourceState: RESOURCE_MOVES,
}


class IllegalMove(ValueError):
    """A state cannot follow another one."""


def moved(before: Named, after: Named) -> Named:
    """The state after, where it may follow (each may follow itself). Raises IllegalMove."""
    if after != before and after not in _TABLES[type(before)].get(before, frozenset()):
        raise IllegalMove(f"{type(before).__name__}: {after.value} cannot follow {before.value}")
    return after
