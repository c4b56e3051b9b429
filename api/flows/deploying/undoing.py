"""What becomes of a container whose deployment failed or was cancelled (provisioning §2.6)?

An update goes forward to the version that was live, under a new generation; what a first deployment made is removed,
or held where its environment keeps it for inspection; a removal that failed keeps what is left. Data is retained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from api.flows.deploying.building import let_go
from api.flows.deploying.foreseeing import known
from api.flows.deploying.looking import Seen, look, together
from api.flows.deploying.planning import names, wanted
from api.flows.deploying.site import Site
from catalog.deployments import BACK, DeploymentBook
from catalog.resource_book import present
from engine.errors import GovernanceError
from engine.model import Json
from engine.provision.outcome import status_after
from engine.provision.plan import Plan, removal
from engine.provision.states import DeploymentAction, DeploymentState, ResourceState

NOTHING: dict[str, Json] = {"actions": []}
"""The answer where nothing is to be undone."""

Stored = Mapping[str, Any]


def turn_back(deployment_id: str, fault: Mapping[str, str] | None, *, site: Site) -> dict[str, Json]:
    """Say what went wrong (None: it was cancelled), and plan the way back once; answers `{actions: [name, …]}`."""
    with site.running(deployment_id) as (book, deployment):
        stored = book.plan(deployment_id, BACK)
        if stored is not None:
            return {"actions": names(stored)}
        if fault is not None and deployment["state"] != DeploymentState.FAILING:
            told = {"reason": fault["reason"], "error_class": fault["class"]}
            book.change_deployment(deployment_id, **_failing(deployment), **told)
        container = book.container(deployment["container_id"]) or {}
        before = book.live_version(container["id"])
        resources = present(book.resources(container["id"]))
    let_go(deployment_id, site=site)
    _stop(resources, site)
    generation = container["generation"] + 1
    made = _back(deployment, container, before, resources, site, generation)
    site.turns.limit(deployment_id, site.deadline(deployment), anew=True)
    if made is None:
        return NOTHING
    with site.running(deployment_id) as (book, deployment):
        book.keep_plan(deployment_id, made.document(), BACK)
        book.change_container(deployment["container_id"], generation=generation)
        if deployment["state"] == DeploymentState.FAILING:
            book.change_deployment(deployment_id, state=DeploymentState.COMPENSATING)
    return {"actions": names(made.document())}


def end(deployment_id: str, *, site: Site) -> dict[str, Json]:
    """What is there at the end of the way back, and so how the deployment ends."""
    with site.running(deployment_id) as (book, deployment):
        container = book.container(deployment["container_id"]) or {}
        resources = book.resources(container["id"])
    seen = look(present(resources), site) if container["version"] else Seen(False, False)
    clean = _clean(deployment, container, resources, in_sync=seen.in_sync)
    return _ended(deployment, container, site, clean=clean, usable=seen.usable, in_sync=seen.in_sync)


def give_up(deployment_id: str, why: str, *, site: Site) -> dict[str, Json]:
    """What is left when even the way back could not be gone: the slot is kept, and somebody has to look."""
    with site.running(deployment_id) as (book, deployment):
        if deployment["state"] not in (DeploymentState.CANCELLING, DeploymentState.COMPENSATING):
            book.change_deployment(deployment_id, state=DeploymentState.FAILING)
        deployment = book.change_deployment(
            deployment_id, reason=f"{deployment['reason']}; then {why}".removeprefix("; ")
        )
        container = book.container(deployment["container_id"]) or {}
    return _ended(deployment, container, site, clean=False, usable=False, in_sync=False)


def _failing(deployment: Stored) -> dict[str, Json]:
    """One that is being cancelled stays so, whatever goes wrong on the way."""
    cancelling = deployment["state"] == DeploymentState.CANCELLING
    return {} if cancelling else {"state": DeploymentState.FAILING}


def _stop(resources: Sequence[Stored], site: Site) -> None:
    """Ask adapters to stop what still goes on; what they do about it is observed, so it may fail."""
    for one in resources:
        if one["operation"]:
            with suppress(GovernanceError):
                site.adapter(one["adapter"], one["request"]).cancel(one["operation"])


def _back(
    deployment: Stored, container: Stored, before: str | None, resources: Sequence[Stored], site: Site, generation: int
) -> Plan | None:
    """The plan of the way back; None where there is nothing to be undone, or nobody wants it to be."""
    touched = any(one["deployment_id"] == deployment["id"] for one in resources)
    if not touched or deployment["action"] == DeploymentAction.RETIRE:
        return None
    if container["version"] and before:
        return wanted(before, deployment, resources, site, generation, seen=together(resources, site))
    if _held(deployment, site):
        return None
    return removal(list(known(resources).values()), generation=generation, policy="retain")


def _held(deployment: Stored, site: Site) -> bool:
    """Whether what a first deployment made stays for inspection; a cancelled one was not meant to stay."""
    cancelled = deployment["state"] == DeploymentState.CANCELLING
    return not cancelled and site.environment(deployment["environment"]).on_failure == "keep"


def _clean(deployment: Stored, container: Stored, resources: Sequence[Stored], *, in_sync: bool) -> bool:
    """Whether the container is as it was before; of what was removed nothing comes back."""
    if deployment["action"] == DeploymentAction.RETIRE:
        return not any(one["deployment_id"] == deployment["id"] for one in resources)
    if container["version"]:
        return in_sync
    return all(ResourceState(one["state"]).gone for one in resources)


def _ended(
    deployment: Stored, container: Stored, site: Site, *, clean: bool, usable: bool, in_sync: bool
) -> dict[str, Json]:
    cancelled = deployment["state"] == DeploymentState.CANCELLING
    ways = {
        (False, True): DeploymentState.FAILED_CLEAN,
        (False, False): DeploymentState.FAILED_DIRTY,
        (True, True): DeploymentState.CANCELLED_CLEAN,
        (True, False): DeploymentState.CANCELLED_DIRTY,
    }
    state = ways[cancelled, clean]
    live, action = bool(container["version"]), DeploymentAction(deployment["action"])
    facts = {"usable": usable, "in_sync": in_sync}
    same = deployment["version"] == container["version"] and deployment["digest"] == container["digest"]
    status = status_after(action, state, live=live, same=same, **facts)
    with site.running(deployment["id"]) as (book, now):
        book.change_deployment(deployment["id"], state=state)
        reason = "" if clean and live else now["reason"]
        held = book.change_container(container["id"], status=status, reason=reason, **facts)
        _tell(book, now, held, cancelled=cancelled, clean=clean)
    return {"state": state}


def _tell(book: DeploymentBook, deployment: Stored, container: Stored, *, cancelled: bool, clean: bool) -> None:
    told = {"deployment": deployment["id"], "version": deployment["version"], "reason": deployment["reason"]}
    kind = "deployment.cancelled" if cancelled else "deployment.failed"
    book.tell(kind, container, **told, error_class=deployment["error_class"])
    if not (clean and container["version"]):
        book.tell(f"container.{container['status']}", container, **told)
