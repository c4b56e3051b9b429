"""What is an adapter asked for one action, and what does its answer make of the resource?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from api.flows.access.shutting import shut
from api.flows.deploying.calling_back import beside
from api.flows.deploying.site import Site
from engine.model import Json
from engine.provision.checked import CheckedAdapter, Pending
from engine.provision.contract import Body, failed
from engine.provision.states import ResourceState

Columns = dict[str, Json]


def asked(
    action: Mapping[str, Json], made: Mapping[str, Any], resources: Sequence[Mapping[str, Any]], site: Site
) -> Columns | Pending:
    """What the adapter made of the action, as columns of the resource `made`. Raises ProvisioningFailed."""
    request = {**action["request"], **beside(made, action["adapter"], site)}
    if action["action"] == "delete":
        maker = site.adapter(action["adapter"], request)
        shut(request, maker, action["policy"], site)
        return _removed(maker, request, action["policy"], maker.destroy(request, action["policy"]))
    if action["replaces"] and isinstance(_replaced(action, request, site), Pending):
        raise failed("DEPENDENCY_NOT_READY", f"{action['replaces']} still removes {request['component']['fqn']}")
    request = filled(request, action["depends_on"], action.get("built", ""), resources, site)
    maker = site.adapter(action["adapter"], request)
    return _made(maker, request, maker.apply(request))


def filled(
    request: Mapping[str, Json],
    depends_on: Sequence[str],
    built: str,
    resources: Sequence[Mapping[str, Any]],
    site: Site,
) -> Body:
    """The request with what its component depends on has told so far, and with what was built of its version."""
    outputs = {one["fqn"]: one["outputs"] for one in resources}
    resolved = _context(request, site) | {fqn: outputs[fqn] for fqn in depends_on if fqn in outputs}
    artifacts = {"artifacts": site.builds.artifacts(built)} if built else {}
    return {**request, "resolved": resolved, **artifacts}


def followed(action: Mapping[str, Json], resource: Mapping[str, Any], operation: str, site: Site) -> Columns | Pending:
    """What became of an operation that goes on at the adapter. Raises ProvisioningFailed."""
    request = dict(action["request"])
    maker = site.adapter(action["adapter"], request)
    seen = polled(action, resource["since"], operation, site)
    if action["action"] == "delete":
        return _removed(maker, request, action["policy"], seen)
    return _made(maker, request, seen)


def polled(action: Mapping[str, Json], since: datetime | None, operation: str, site: Site) -> Body | Pending:
    """What is seen at the end of an operation, or that it goes on. Raises ProvisioningFailed."""
    request = dict(action["request"])
    maker = site.adapter(action["adapter"], request)
    told = maker.poll(operation)
    if told["state"] == "running":
        _not_beyond(maker, since, operation)
        return Pending(operation, told.get("retry_after"), told.get("percent"), told.get("message", ""))
    if told["state"] != "succeeded":
        error = told.get("error") or {"class": "INTERNAL", "message": f"the operation {operation} is {told['state']}"}
        raise failed(error["class"], f"{maker.name}: {error['message']}")
    seen: Body = told.get("observation") or maker.observe(request)
    return seen


def _context(request: Mapping[str, Json], site: Site) -> dict[str, Json]:
    """What earlier stages of the life cycle told, for who carries out a stage."""
    if "stage" not in request:
        return {}
    told = site.builds.outputs(request["container"]["product"], request["container"]["version"])
    return {fqn: outputs for fqn, outputs in told.items() if fqn != request["component"]["fqn"]}


def _replaced(action: Mapping[str, Json], request: Body, site: Site) -> Columns | Pending:
    """The resource of the adapter that made it before, where that made it, whose data is retained."""
    request = {**request, "config": action["replaced_config"], "secrets": action.get("replaced_secrets", {})}
    maker = site.adapter(action["replaces"], request)
    shut(request, maker, "retain", site)
    return _removed(maker, request, "retain", maker.destroy(request, "retain"))


def _made(maker: CheckedAdapter, request: Body, seen: Body | Pending) -> Columns | Pending:
    seen = seen_made(maker, request, seen)
    if isinstance(seen, Pending):
        return seen
    if seen["generation"] < request["generation"]:  # what is there is what was made before
        told = f"generation {seen['generation']} of {request['component']['fqn']} is seen, not {request['generation']}"
        raise failed("UNKNOWN_OUTCOME", f"{maker.name} says it is made: {told}")
    outputs = {"fingerprint": seen["fingerprint"], "outputs": seen["outputs"]}
    return {"state": ResourceState.READY, "operation": "", **outputs}


def seen_made(maker: CheckedAdapter, request: Body, seen: Body | Pending) -> Body | Pending:
    """The same where it is there or goes on; raises ProvisioningFailed where it is not seen."""
    if not isinstance(seen, Pending) and seen["state"] != "present":
        raise failed("UNKNOWN_OUTCOME", f"{maker.name} says it made {request['component']['fqn']}: not seen")
    return seen


def _removed(maker: CheckedAdapter, ref: Body, policy: str, told: Body | Pending) -> Columns | Pending:
    """Removed is what is *seen* to be absent or retained; an adapter that cannot look has to be believed."""
    if isinstance(told, Pending):
        return told
    seen = maker.observe(ref) if maker.can("observe") else told
    if seen["state"] == "absent":
        return {"state": ResourceState.DELETED, "operation": "", "outputs": {}, "fingerprint": ""}
    if seen["state"] == "present" and seen.get("retained") and policy == "retain":
        return {"state": ResourceState.RETAINED, "operation": "", "fingerprint": seen["fingerprint"]}
    raise failed("UNKNOWN_OUTCOME", f"{ref['component']['fqn']} is still {seen['state']} after it was destroyed")


def _not_beyond(maker: CheckedAdapter, since: datetime | None, operation: str) -> None:
    """Raises ProvisioningFailed once the operation takes longer than its adapter says that it may."""
    if since is None or (datetime.now(UTC) - since).total_seconds() <= maker.seconds:
        return
    maker.cancel(operation)
    raise failed("TIMEOUT", f"{maker.name} did not end the operation {operation} within {maker.seconds:g} s")
