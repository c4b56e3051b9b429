"""How does a thing that somebody else made become a resource of a container?

The intent is noted before the adapter is asked, so that an adoption that a crash interrupted is known, and the same one
may be asked for again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from api.auth.permissions import Action, require
from api.flows.containers import acted_on
from api.flows.deploying.looking import look, observed
from api.flows.deploying.site import Site, fault_of
from catalog.deployments import DeploymentBook
from catalog.resource_book import Stored, present
from engine.errors import AdoptionRefused, ContainerOccupied, GovernanceError, NotFound
from engine.model import Json, Principal
from engine.provision.checked import CheckedAdapter, Pending
from engine.provision.contract import Body
from engine.provision.pace import UNSURE
from engine.provision.states import ContainerStatus, DeploymentState, ResourceState

LONGEST = 1000
"""Characters of what names a thing to its adapter."""
OPEN = (ContainerStatus.ACTIVE, ContainerStatus.DEGRADED)


@dataclass(frozen=True, slots=True)
class Adoption:
    """What is to become what: `external` names the thing to the adapter of the resource."""

    container_id: str
    resource_id: str
    external: str


def adopt(wish: Adoption, *, principal: Principal, site: Site) -> None:
    """The thing is the resource then, labelled, at the container's generation; for operators.

    Raises Forbidden, NotFound, ContainerOccupied, and AdoptionRefused (with the adapter's `error_class`) where the
    container is not in order, the resource is there already, or the adapter cannot or will not.
    """
    require(principal, Action.OPERATE)
    external = wish.external.strip()
    if not external or len(external) > LONGEST:
        raise AdoptionRefused(f"What is to be adopted needs a name of at most {LONGEST} characters.")
    container, resource, request = _found(wish, principal, site)
    maker = site.adapter(resource["adapter"], request)
    _adoptable(maker, resource, external, site)
    _intended(wish, resource, request, external, principal, site)
    try:
        seen = maker.adopt(request, external)
    except GovernanceError as error:
        raise _refused(wish, resource, error, site) from error
    if isinstance(seen, Pending):
        _note(wish, site, state=ResourceState.UNKNOWN, reason=_adopts(external))
        raise AdoptionRefused(f"{maker.name} goes on with it; ask again to learn how it ended.", error_class="PENDING")
    _adopted(wish, container, maker, seen, external, principal, site)


def _found(wish: Adoption, principal: Principal, site: Site) -> tuple[Stored, Stored, Body]:
    """The container, the resource, and what its adapter is asked for."""
    with site.database.work(principal) as work:
        work.head()
        held = acted_on(work, wish.container_id, Action.OPERATE)
        book = DeploymentBook(work)
        latest = book.latest(held["id"]) or {}
        if DeploymentState(latest["state"]).running:
            holder = {"container": held["id"], "deployment": latest["id"], "state": latest["state"]}
            raise ContainerOccupied(f"A deployment of {held['fqn']} is {latest['state']}.", holder=holder)
        if held["status"] not in OPEN:
            told = f"{held['fqn']} in {held['environment']} is {held['status']}; only what is active adopts anything."
            raise AdoptionRefused(told, container=held["id"], status=held["status"])
        resource = book.resource(held["id"], wish.resource_id)
        if resource is None:
            raise NotFound(f"The container {held['id']} has no resource {wish.resource_id}.")
        resolved = _resolved(book.plan(latest["id"]), resource, book.resources(held["id"]))
    return held, resource, {**resource["request"], "resolved": resolved, "generation": held["generation"]}


def _resolved(plan: Json, resource: Stored, resources: list[Stored]) -> dict[str, Json]:
    """The outputs of what the resource depends on, by the plan of the last deployment."""
    actions = plan["actions"] if plan else []
    needs = [one["depends_on"] for one in actions if one["request"]["resource_id"] == resource["resource_id"]]
    outputs = {one["fqn"]: one["outputs"] for one in resources}
    return {fqn: outputs[fqn] for fqn in (needs[0] if needs else ()) if fqn in outputs}


def _adoptable(maker: CheckedAdapter, resource: Stored, external: str, site: Site) -> None:
    if not maker.can("adopt"):
        raise AdoptionRefused(f"The adapter {maker.name} adopts nothing.", error_class="UNSUPPORTED")
    if resource["reason"] == _adopts(external) and resource["state"] in ("intent", "unknown"):
        return  # the same adoption, which did not come to its end
    seen = observed(resource, site)
    if seen["state"] == "absent" or seen.get("retained"):
        return
    why = "is there already" if seen["state"] == "present" else f"cannot be seen: {seen['reason']}"
    raise AdoptionRefused(f"{resource['fqn']} {why}.", resource=resource["resource_id"])


def _intended(wish: Adoption, resource: Stored, request: Body, external: str, principal: Principal, site: Site) -> None:
    with site.writing() as book:
        latest = book.latest(wish.container_id) or {}
        now = book.resource(wish.container_id, wish.resource_id) or {}
        if DeploymentState(latest["state"]).running or now["at"] != resource["at"]:
            raise ContainerOccupied(
                f"{resource['fqn']} has changed meanwhile.", holder={"container": wish.container_id}
            )
        values: dict[str, Any] = {
            "generation": request["generation"],
            "request": {**request, "resolved": {}},
            "tries": 1,
        }
        fresh: dict[str, Any] = {
            "since": datetime.now(UTC),
            "operation": "",
            "error_class": "",
            "reason": _adopts(external),
        }
        book.found_resource(wish.container_id, wish.resource_id, state=ResourceState.INTENT, **values, **fresh)


def _refused(wish: Adoption, resource: Stored, error: GovernanceError, site: Site) -> AdoptionRefused:
    """Noted at the resource: what is unsure may have happened, and may be asked for again."""
    fault = fault_of(error)
    state = ResourceState.UNKNOWN if fault["class"] in UNSURE else ResourceState.FAILED
    reason = {} if state is ResourceState.UNKNOWN else {"reason": fault["reason"]}
    _note(wish, site, state=state, error_class=fault["class"], **reason)
    return AdoptionRefused(f"{resource['fqn']}: {fault['reason']}", error_class=fault["class"])


def _adopted(
    wish: Adoption,
    container: Stored,
    maker: CheckedAdapter,
    seen: Mapping[str, Json],
    external: str,
    principal: Principal,
    site: Site,
) -> None:
    """Note it and tell it in one transaction: who dies before that has adopted nothing yet, and may ask again."""
    made = {"fingerprint": seen["fingerprint"], "outputs": seen["outputs"], "reason": "", "error_class": ""}
    made["state"] = ResourceState.READY
    with site.database.work(principal) as work:
        known = DeploymentBook(work).resources(wish.container_id)
    mine = wish.resource_id
    facts = look(present([{**one, **made} if one["resource_id"] == mine else one for one in known]), site)
    with site.database.work(principal) as work:
        work.head()
        book = DeploymentBook(work)
        if (book.resource(wish.container_id, mine) or {})["reason"] != _adopts(external):
            raise ContainerOccupied("The resource has changed meanwhile.", holder={"container": wish.container_id})
        book.found_resource(wish.container_id, mine, **made)
        changes: dict[str, Any] = {"usable": facts.usable, "in_sync": facts.in_sync}
        held = book.container(wish.container_id) or {}
        if facts.usable and facts.in_sync and held["status"] == ContainerStatus.DEGRADED:
            changes |= {"status": ContainerStatus.ACTIVE, "reason": ""}
        held = book.change_container(wish.container_id, **changes)
        told = {"resource": wish.resource_id, "adapter": maker.name, "external": external}
        book.tell("resource.adopted", held, **told, version=held["version"], generation=container["generation"])
        work.commit()


def _note(wish: Adoption, site: Site, **values: Any) -> None:
    with site.writing() as book:
        book.found_resource(wish.container_id, wish.resource_id, **values)


def _adopts(external: str) -> str:
    return f"adopts {external}"
