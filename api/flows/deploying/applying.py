"""How is one action of a plan carried out so that doing it twice does it once?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.flows.deploying.site import Site, fault_of
from engine.errors import GovernanceError
from engine.model import Json
from engine.provision.contract import failed
from engine.provision.states import ResourceState

UNSURE = ("UNKNOWN_OUTCOME", "TIMEOUT")
"""Error classes after which nobody knows what is there; `observe` resolves it (provisioning §2.6)."""


def perform(deployment_id: str, number: int, *, site: Site) -> dict[str, Json]:
    """Carry out action `number` of the stored plan: intent first, then the adapter, then the result.

    Raises ProvisioningFailed with the adapter's error class, after it was noted at the resource.
    """
    with site.running(deployment_id) as (book, deployment):
        action = book.plan(deployment_id)["actions"][number]
        if action["action"] == "noop":
            return {"state": "noop"}
        book.intend(deployment, number, action)
        resources = book.resources(deployment["container_id"])
    try:
        result = _done(action, resources, site)
    except GovernanceError as error:
        _note(deployment_id, action, _failure(error), site)
        raise
    _note(deployment_id, action, result, site)
    return {"state": result["state"]}


def _done(action: Mapping[str, Json], resources: Sequence[Mapping[str, Any]], site: Site) -> dict[str, Json]:
    """What the adapter made of it, as columns of the resource."""
    request = dict(action["request"])
    if action["action"] == "delete":
        return removed(action["adapter"], request, action["policy"], site)
    if action["replaces"]:
        removed(action["replaces"], request, "retain", site)
    outputs = {one["fqn"]: one["outputs"] for one in resources}
    request["resolved"] = {fqn: outputs[fqn] for fqn in action["depends_on"] if fqn in outputs}
    seen = site.adapter(action["adapter"], request).apply(request)
    if seen["state"] != "present":
        raise failed("UNKNOWN_OUTCOME", f"{action['adapter']} says it made {request['component']['fqn']}: not seen")
    return {"state": ResourceState.READY, "fingerprint": seen["fingerprint"], "outputs": seen["outputs"]}


def removed(adapter: str, ref: dict[str, Json], policy: str, site: Site) -> dict[str, Json]:
    """Destroy a resource until it is *seen* to be absent or retained. Raises ProvisioningFailed."""
    maker = site.adapter(adapter, ref)
    maker.destroy(ref, policy)
    seen = maker.observe(ref)
    if seen["state"] == "absent":
        return {"state": ResourceState.DELETED, "outputs": {}, "fingerprint": ""}
    if seen["state"] == "present" and seen.get("retained") and policy == "retain":
        return {"state": ResourceState.RETAINED, "fingerprint": seen["fingerprint"]}
    raise failed("UNKNOWN_OUTCOME", f"{ref['component']['fqn']} is still {seen['state']} after it was destroyed")


def _failure(error: GovernanceError) -> dict[str, Json]:
    fault = fault_of(error)
    state = ResourceState.UNKNOWN if fault["class"] in UNSURE else ResourceState.FAILED
    return {"state": state, "reason": fault["reason"], "error_class": fault["class"]}


def _note(deployment_id: str, action: Mapping[str, Json], values: Mapping[str, Json], site: Site) -> None:
    with site.running(deployment_id) as (book, deployment):
        book.change_resource(deployment["container_id"], action["request"]["resource_id"], **values)
