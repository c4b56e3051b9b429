"""How is one action of a plan carried out so that doing it twice does it once?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from api.flows.deploying.asking import asked, followed
from api.flows.deploying.places import adapter_limit, of_adapter
from api.flows.deploying.site import Site, fault_of, wait
from catalog.deployments import BACK, FORWARD, DeploymentBook
from engine.errors import GovernanceError
from engine.model import Json
from engine.provision.checked import Pending
from engine.provision.pace import UNSURE
from engine.provision.states import DeploymentState, ResourceState

UNDER_WAY = frozenset({"intent", "applying", "deleting", "failed", "unknown"})
"""States in which a resource still waits for what this deployment asked for."""

CALLED = UNDER_WAY - {"failed"}
"""States after which nobody knows whether the call was heard: whoever made it died, or its outcome is unknown."""

ATTEMPT = ("deployment_id", "generation", "tries")
"""What names one attempt at a resource."""

Stored = Mapping[str, Any]


class Overtaken(Exception):
    """Somebody else asked for the same while we did; what is stored now tells more than we know."""


def perform(deployment_id: str, number: int, *, leg: str, site: Site) -> dict[str, Json]:
    """As `_performed`, from the top again where somebody else did the same meanwhile: each look sees more is done."""
    while True:
        try:
            return _performed(deployment_id, number, leg=leg, site=site)
        except Overtaken:
            continue


def _performed(deployment_id: str, number: int, *, leg: str, site: Site) -> dict[str, Json]:
    """Carry out action `number` of the stored plan of this leg: intent first, then the adapter, then the result.

    What was done before is not done again; what the adapter goes on with is followed. Answers `{state}`, `{wait}` where
    the deployment has to wait, or `{cancel}`. Raises ProvisioningFailed with the adapter's error class, after it was
    noted at the resource, where another try is of no use or beyond the budget.
    """
    with site.running(deployment_id) as (book, deployment):
        if leg == FORWARD and deployment["state"] == DeploymentState.CANCELLING:
            return {"cancel": True}
        action = book.plan(deployment_id, leg)["actions"][number]
        before = book.resource(deployment["container_id"], action["request"]["resource_id"])
        if action["action"] == "noop" or _settled(before, action, deployment):
            return {"state": "noop"}
        if leg == FORWARD:  # before anything is touched; on the way back the resource says what was missing
            site.registry.refuse_missing(action["adapter"], action["request"].get("secrets"))
        full = of_adapter(book, deployment, action, site)
        if full is not None:
            return full
        operation = _begun(book, deployment, number, action, before)
        needed = [action["request"]["component"]["fqn"], *action["depends_on"]]
        resources = book.resources(deployment["container_id"], needed)
    site.not_late(deployment_id)
    made = _of(resources, action)
    try:
        answer = followed(action, made, operation, site) if operation else asked(action, made, resources, site)
    except GovernanceError as error:
        return _again(deployment_id, action, made, error, leg=leg, site=site)
    if isinstance(answer, Pending):
        return _going_on(deployment_id, action, made, answer, site)
    _note(deployment_id, action, made, answer, site)
    return {"state": answer["state"]}


def _begun(
    book: DeploymentBook, deployment: Stored, number: int, action: Mapping[str, Json], before: Stored | None
) -> str:
    """Note the intent, or that it goes on; answers the operation to be followed, or nothing."""
    goes_on = before is not None and _mine(before, action, deployment) and before["state"] in UNDER_WAY
    if before is not None and goes_on and before["operation"]:
        return str(before["operation"])
    tries = before["tries"] + 1 if before is not None and goes_on else 1
    unsure = before is not None and goes_on and (before["unsure"] or before["state"] in CALLED)
    book.intend(deployment, number, action, tries=tries, since=datetime.now(UTC), unsure=unsure)
    return ""


def _settled(before: Stored | None, action: Mapping[str, Json], deployment: Stored) -> bool:
    return before is not None and _mine(before, action, deployment) and before["state"] not in UNDER_WAY


def _mine(before: Stored, action: Mapping[str, Json], deployment: Stored) -> bool:
    """Whether the resource is in the state that it has because of this very action."""
    same = before["deployment_id"] == deployment["id"] and before["generation"] == action["request"]["generation"]
    deletes = before["state"] in ("deleting", "deleted", "retained")
    return bool(same and (deletes == (action["action"] == "delete") or before["state"] in ("failed", "unknown")))


def _of(resources: Sequence[Stored], action: Mapping[str, Json]) -> Stored:
    return next(one for one in resources if one["resource_id"] == action["request"]["resource_id"])


def _going_on(
    deployment_id: str, action: Mapping[str, Json], made: Stored, pending: Pending, site: Site
) -> dict[str, Json]:
    """Remember the operation, once, and look at it again later."""
    deletes = action["action"] == "delete"
    if made["operation"] != pending.operation:
        state = ResourceState.DELETING if deletes else ResourceState.APPLYING
        _note(deployment_id, action, made, {"state": state, "operation": pending.operation}, site)
    seconds = site.pace.look if pending.retry_after is None else min(pending.retry_after, site.pace.most)
    what = "the removal of" if deletes else "the making of"
    fqn = action["request"]["component"]["fqn"]
    why = f"{action['adapter']} goes on with {what} {fqn}"
    return wait(seconds, "operation", why, resource=fqn, **pending.progress)


def _again(
    deployment_id: str, action: Mapping[str, Json], made: Stored, error: GovernanceError, *, leg: str, site: Site
) -> dict[str, Json]:
    """Note what went wrong and wait for another try; raises the error where there is none, except on the way back."""
    fault = fault_of(error)
    state = ResourceState.UNKNOWN if fault["class"] in UNSURE else ResourceState.FAILED
    unsure = made["unsure"] or bool(made["operation"]) or fault["class"] in UNSURE
    told = {"state": state, "reason": fault["reason"], "error_class": fault["class"], "operation": ""}
    _note(deployment_id, action, made, {**told, "unsure": unsure}, site)
    if site.pace.again(fault["class"], made["tries"]):
        seconds = site.pace.delay(made["tries"])
        why = f"{fault['class']}: {fault['reason']} (try {made['tries']} of {site.pace.tries})"
        return wait(seconds, "retry", why, resource=made["fqn"], error_class=fault["class"])
    if leg == BACK:
        return {"state": state}
    raise error


def _note(deployment_id: str, action: Mapping[str, Json], made: Stored, values: Mapping[str, Json], site: Site) -> None:
    """Write down what came of the action, and leave the place at the adapter unless it goes on.

    Raises Overtaken where somebody asked again meanwhile, or knows already: then a worker that was taken for dead has
    come back late, or we are the one who took over from it.
    """

    def awaited(here: Stored) -> None:
        if any(here[name] != made[name] for name in ATTEMPT) or here["state"] not in UNDER_WAY:
            raise Overtaken(made["fqn"])

    with site.running(deployment_id) as (book, deployment):
        book.change_resource(deployment["container_id"], made["resource_id"], allowed=awaited, **values)
        limit = adapter_limit(deployment, action, site)
        if limit is not None and not values["operation"]:
            book.leave(deployment_id, limit.name)
