"""Is what was made really there, and how does a deployment end well?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.flows.deploying.looking import mismatch, observed
from api.flows.deploying.site import Site
from catalog.deployments import DeploymentBook
from catalog.resource_book import present
from engine.model import Json
from engine.provision.contract import failed
from engine.provision.outcome import status_after
from engine.provision.states import DeploymentAction, DeploymentState


def verify(deployment_id: str, *, site: Site) -> dict[str, Json]:
    """Observe every resource of the container; raises ProvisioningFailed when one is not as it was made."""
    with site.running(deployment_id) as (book, deployment):
        if deployment["state"] == DeploymentState.CANCELLING:
            return {"cancel": True}
        book.change_deployment(deployment_id, state=DeploymentState.VERIFYING)
        resources = present(book.resources(deployment["container_id"]))
    wrong = [told for one in resources if (told := mismatch(one, observed(one, site)))]
    if wrong:
        raise failed("CONFLICT", "; ".join(wrong))
    if deployment["action"] == DeploymentAction.RETIRE and resources:
        raise failed("UNKNOWN_OUTCOME", f"{len(resources)} resources are still there")
    return {"resources": len(resources)}


def finish(deployment_id: str, *, site: Site) -> dict[str, Json]:
    """The deployment succeeded; its container is active, or retired."""
    with site.running(deployment_id) as (book, deployment):
        if deployment["state"] == DeploymentState.CANCELLING:
            return {"cancel": True}
        book.change_deployment(deployment_id, state=DeploymentState.SUCCEEDED)
        if deployment["action"] == DeploymentAction.RETIRE:
            _retired(book, deployment)
        else:
            _active(book, deployment)
    return {"state": DeploymentState.SUCCEEDED}


def _active(book: DeploymentBook, deployment: Mapping[str, Any]) -> None:
    before = book.container(deployment["container_id"]) or {}
    kind = "container.updated" if before.get("version") else "container.created"
    live = {"version": deployment["version"], "digest": deployment["digest"]}
    container = book.change_container(deployment["container_id"], **_well(deployment, usable=True), **live)
    told = {"deployment": deployment["id"], "version": deployment["version"]}
    book.tell("deployment.succeeded", container, **told)
    book.tell(kind, container, **told, generation=container["generation"])


def _retired(book: DeploymentBook, deployment: Mapping[str, Any]) -> None:
    container = book.change_container(deployment["container_id"], **_well(deployment, usable=False))
    told = {"deployment": deployment["id"], "version": container["version"]}
    book.tell("deployment.succeeded", container, **told)
    book.tell("container.retired", container, **told)


def _well(deployment: Mapping[str, Any], *, usable: bool) -> dict[str, Json]:
    facts = {"usable": usable, "in_sync": True}
    action = DeploymentAction(deployment["action"])
    return {"status": status_after(action, DeploymentState.SUCCEEDED, live=True, **facts), "reason": "", **facts}
