"""Which states do deployments, containers and resources pass through (reference: provisioning §2.5)?"""

from __future__ import annotations

from enum import StrEnum


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
