"""What becomes of a container when its deployment ends?"""

from __future__ import annotations

from engine.provision.states import ContainerStatus, DeploymentAction, DeploymentState

_DIRTY = frozenset({DeploymentState.FAILED_DIRTY, DeploymentState.CANCELLED_DIRTY})


def status_after(
    action: DeploymentAction, end: DeploymentState, *, live: bool, usable: bool, in_sync: bool, same: bool = False
) -> ContainerStatus:
    """The container's status (provisioning §2.5).

    `live` says whether a version was live before, `usable` and `in_sync` are what was observed at the end. Where
    something was left that nobody could remove, the slot is kept: `needs_cleanup`. What only made the `same` version
    again that was live left nothing of another one, so it can be tried again.
    """
    if end is DeploymentState.SUCCEEDED:
        return ContainerStatus.RETIRED if action is DeploymentAction.RETIRE else ContainerStatus.ACTIVE
    retires = action is DeploymentAction.RETIRE
    if end in _DIRTY and (retires or not live or not (usable or same)):
        return ContainerStatus.NEEDS_CLEANUP
    if not live:  # what was to be retired, and never lived, is as it was
        return ContainerStatus.NEEDS_CLEANUP if retires else ContainerStatus.RELEASED
    return ContainerStatus.ACTIVE if usable and in_sync else ContainerStatus.DEGRADED
