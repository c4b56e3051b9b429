"""What becomes of a container whose deployment failed (provisioning §2.6)?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.flows.deploying.applying import removed
from api.flows.deploying.ending import mismatch, observed
from api.flows.deploying.site import Site, fault_of
from catalog.deployments import present
from engine.errors import GovernanceError
from engine.model import Json
from engine.provision.states import ContainerStatus, DeploymentAction, DeploymentState, ResourceState


def compensate(deployment_id: str, fault: Mapping[str, str], *, site: Site) -> dict[str, Json]:
    """Clean up a first deployment, keep what is left of an updated container, and say how it ended."""
    with site.running(deployment_id) as (book, deployment):
        told = {"reason": fault["reason"], "error_class": fault["class"]}
        book.change_deployment(deployment_id, state=DeploymentState.COMPENSATING, **told)
        container = book.container(deployment["container_id"]) or {}
        resources = present(book.resources(deployment["container_id"]))
    if deployment["action"] == DeploymentAction.RETIRE:
        status, facts = ContainerStatus.NEEDS_CLEANUP, _seen(resources, site)
    elif container["version"]:
        status, facts = _kept(deployment, resources, site)
    else:
        status, facts = _cleaned(deployment, resources, site)
    return _ended(deployment, status, facts, fault, site)


def give_up(deployment_id: str, fault: Mapping[str, str], *, site: Site) -> dict[str, Json]:
    """What is left when even compensating could not be done: the slot is kept, and somebody has to look."""
    with site.running(deployment_id) as (_, deployment):
        facts = {"usable": False, "in_sync": False}
    return _ended(deployment, ContainerStatus.NEEDS_CLEANUP, facts, fault, site)


def _kept(
    deployment: Mapping[str, Any], resources: Sequence[Mapping[str, Any]], site: Site
) -> tuple[ContainerStatus, dict[str, bool]]:
    """An updated container keeps its version; it is degraded when this deployment touched any resource."""
    facts = _seen(resources, site)
    touched = any(one["deployment_id"] == deployment["id"] for one in resources)
    return (ContainerStatus.DEGRADED if touched or not facts["in_sync"] else ContainerStatus.ACTIVE), facts


def _seen(resources: Sequence[Mapping[str, Any]], site: Site) -> dict[str, bool]:
    """Two separate facts: usable (everything is there) and in sync (everything is as its version wants it)."""
    seen = [observed(one, site) for one in resources]
    matching = [not mismatch(one, what) for one, what in zip(resources, seen, strict=True)]
    in_sync = all(matching) and all(one["state"] == ResourceState.READY for one in resources)
    usable = bool(seen) and all(what["state"] == "present" for what in seen)
    return {"usable": usable, "in_sync": in_sync}


def _cleaned(
    deployment: Mapping[str, Any], resources: Sequence[Mapping[str, Any]], site: Site
) -> tuple[ContainerStatus, dict[str, bool]]:
    """Destroy what a first deployment made, last first; the slot is free only when all of it is seen to be gone."""
    clean = [_destroyed(deployment, one, site) for one in reversed(resources)]
    status = ContainerStatus.RELEASED if all(clean) else ContainerStatus.NEEDS_CLEANUP
    return status, {"usable": False, "in_sync": False}


def _destroyed(deployment: Mapping[str, Any], resource: Mapping[str, Any], site: Site) -> bool:
    try:
        result = removed(resource["adapter"], dict(resource["request"]), "retain", site)
    except GovernanceError as error:
        fault = fault_of(error)
        result = {"state": ResourceState.UNKNOWN, "reason": fault["reason"], "error_class": fault["class"]}
    with site.running(deployment["id"]) as (book, _):
        book.change_resource(deployment["container_id"], resource["resource_id"], **result)
    return ResourceState(result["state"]).gone


def _ended(
    deployment: Mapping[str, Any],
    status: ContainerStatus,
    facts: Mapping[str, bool],
    fault: Mapping[str, str],
    site: Site,
) -> dict[str, Json]:
    clean = status in (ContainerStatus.RELEASED, ContainerStatus.ACTIVE)
    state = DeploymentState.FAILED_CLEAN if clean else DeploymentState.FAILED_DIRTY
    reason = "" if status is ContainerStatus.ACTIVE else fault["reason"]
    with site.running(deployment["id"]) as (book, _):
        book.change_deployment(deployment["id"], state=state)
        container = book.change_container(deployment["container_id"], status=status, reason=reason, **facts)
        told = {"deployment": deployment["id"], "version": deployment["version"], "reason": fault["reason"]}
        book.tell("deployment.failed", container, **told, error_class=fault["class"])
        if status is not ContainerStatus.ACTIVE:
            book.tell(f"container.{status}", container, **told)
    return {"state": state}
