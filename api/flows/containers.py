"""How is a container or deployment shown, and how is a container retired?"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy.exc import IntegrityError

from api.auth.permissions import Action, require
from api.flows.once import commit
from api.flows.standing import Requested, Standing
from catalog.access_sets import AccessSets
from catalog.containers import Container, Containers, Deployment
from catalog.database import Database
from catalog.deployments import DeploymentBook, Order
from catalog.domains import domain_now
from catalog.looks import Look
from catalog.resource_book import Stored
from catalog.turns import Waiting
from engine.errors import ContainerOccupied, NotFound
from engine.model import Json, Principal
from engine.provision.durable import Durable
from engine.provision.states import LIVE, ContainerStatus, DeploymentAction, DeploymentState

if TYPE_CHECKING:
    from api.flows.once import Once
    from api.wiring import House
    from catalog.instants import Instant
    from catalog.work import UnitOfWork


def container(container_id: str, *, principal: Principal, containers: Containers, sets: AccessSets) -> dict[str, Json]:
    """The container with its resources, and who is let in to its ports, as JSON. Raises NotFound and Forbidden."""
    require(principal, Action.READ)
    found = containers.one(container_id, principal=principal)
    if found is None:
        raise NotFound(f"There is no container {container_id}.")
    access = sets.of_containers([container_id], principal=principal)[container_id]
    return {**told(found), "access": [one._asdict() for one in access]}


class Found(NamedTuple):
    """One page of containers, and the cursor to go on from, None after the last."""

    containers: list[dict[str, Json]]
    next: str | None
    instant: Instant | None


def page(
    *,
    principal: Principal,
    house: House,
    environment: str | None = None,
    product: str | None = None,
    statuses: Collection[str] = LIVE,
    limit: int = 100,
    after: str | None = None,
    as_of: datetime | None = None,
) -> Found:
    """Containers with their resources by fqn and environment, now or as they were at a moment.

    Raises Forbidden, CursorInvalid, and InstantInvalid for a moment to come.
    """
    require(principal, Action.READ)
    instant = None if as_of is None else house.instants.by(as_of, now=house.clock())
    at = None if instant is None else instant.revision
    sought = {"environment": environment, "product": product}
    found = house.containers.page(**sought, statuses=statuses, principal=principal, first=limit, after=after, at=at)
    access = house.access_sets.of_containers([one.id for one in found.items], principal=principal, at=at)
    shown = [
        {**told(one), "access": [held._asdict() for held in access[one.id]]}
        for one in house.containers.with_resources(found.items, at=at)
    ]
    return Found(shown, found.end_cursor if found.has_next_page else None, instant)


def deployment(deployment_id: str, *, principal: Principal, containers: Containers) -> dict[str, Json]:
    """The deployment with its state, reason, plan and resources as JSON. Raises NotFound and Forbidden."""
    require(principal, Action.READ)
    found = containers.deployment(deployment_id, principal=principal)
    if found is None:
        raise NotFound(f"There is no deployment {deployment_id}.")
    return told(found)


class FoundDeployments(NamedTuple):
    """One page of deployments, and the cursor to go on from, None after the last."""

    deployments: list[dict[str, Json]]
    next: str | None


def deployments(
    *,
    principal: Principal,
    containers: Containers,
    states: Collection[str] = (),
    environment: str | None = None,
    product: str | None = None,
    container: str | None = None,
    limit: int = 100,
    after: str | None = None,
) -> FoundDeployments:
    """Deployments, the newest first, without their plans and resources. Raises Forbidden and CursorInvalid."""
    require(principal, Action.READ)
    found = containers.deployment_page(
        principal=principal,
        states=states,
        environment=environment,
        product=product,
        container=container,
        first=limit,
        after=after,
    )
    beside = ("plan", "back", "resources")
    shown = [{name: value for name, value in told(one).items() if name not in beside} for one in found.items]
    return FoundDeployments(shown, found.end_cursor if found.has_next_page else None)


def told(row: Container | Deployment) -> dict[str, Json]:
    """A container or deployment as JSON: moments as ISO 8601 text, resources as a list of objects."""
    resources = [{**one._asdict(), "at": one.at.isoformat()} for one in row.resources]
    body: dict[str, Json] = {**row._asdict(), "at": row.at.isoformat(), "resources": resources}
    if isinstance(row, Deployment):
        for name in ("requested_at", "asked_at", "approved_at"):
            moment = getattr(row, name)
            body[name] = None if moment is None else moment.isoformat()
        body["waiting"] = None if row.waiting is None else _waiting(row.waiting)
    elif row.observed is not None:
        body["observed"] = _observed(row.observed)
    return body


def _waiting(waits: Waiting) -> dict[str, Json]:
    until = waits.until.isoformat() if waits.until else None
    told = {name: getattr(waits, name) for name in ("resource", "error_class", "percent", "message")}
    return {"for": waits.waits_for, "reason": waits.reason, "until": until, **told}


def _observed(look: Look) -> dict[str, Json]:
    at = look.observed_at.isoformat() if look.observed_at else None
    told = {name: getattr(look, name) for name in ("asks", "answered", "repairs", "unrepaired")}
    return {"at": at, "next": look.next_at.isoformat(), **told}


def acted_on(work: UnitOfWork, container_id: str, action: Action) -> Stored:
    """The container, for who may do this in the domain that has its product now. Raises NotFound and Forbidden."""
    held = DeploymentBook(work).container(container_id)
    if held is None:
        raise NotFound(f"There is no container {container_id}.")
    require(work.principal, action, domain=domain_now(work.connection, held["product_id"]) or held["domain"])
    return held


def retire(
    container_id: str,
    *,
    principal: Principal,
    database: Database,
    durable: Durable,
    delete_data: bool = False,
    once: Once[Requested] | None = None,
) -> Requested:
    """Enqueue the removal of a container; a removal that runs already, or is done, is the answer.

    Data is retained unless `delete_data`. Raises NotFound, Forbidden and ContainerOccupied.
    """
    require(principal, Action.DEPLOY)
    try:
        return _retiring(container_id, principal, database, durable, delete_data, once)
    except IntegrityError:  # somebody was faster: the second look sees who
        return _retiring(container_id, principal, database, durable, delete_data, once)


def _retiring(
    container_id: str,
    principal: Principal,
    database: Database,
    durable: Durable,
    delete_data: bool,
    once: Once[Requested] | None,
) -> Requested:
    with database.work(principal) as work:
        work.head()
        book = DeploymentBook(work)
        held = acted_on(work, container_id, Action.DEPLOY)
        latest = book.latest(container_id)
        assert latest is not None, "a container begins with its first deployment"
        answer = _standing(held, latest) or _begun(book, held, latest, delete_data)
        if answer.standing is Standing.STARTED:
            durable.enqueue(work.connection, answer.deployment_id)
        commit(work, answer, once)
    return answer


def _standing(held: Stored, latest: Stored) -> Requested | None:
    retires = latest["action"] == DeploymentAction.RETIRE
    if not ContainerStatus(held["status"]).live:
        return Requested(latest["id"], held["id"], Standing.LIVE)
    if not DeploymentState(latest["state"]).running:
        return None
    if retires:
        return Requested(latest["id"], held["id"], Standing.RUNNING)
    holder = {
        "container": held["id"],
        "deployment": latest["id"],
        "version": latest["version"],
        "state": latest["state"],
    }
    why = f"the deployment of {latest['version']} is {latest['state']}"
    raise ContainerOccupied(f"{held['fqn']} in {held['environment']} is occupied: {why}.", holder=holder)


def _begun(book: DeploymentBook, held: Stored, latest: Stored, delete_data: bool) -> Requested:
    kept: dict[str, Any] = {name: latest[name] for name in ("version", "version_id", "digest")}
    policy = "delete" if delete_data else "retain"
    made = book.request(held, Order(action=DeploymentAction.RETIRE, data_policy=policy, **kept))
    status = ContainerStatus.DEPROVISIONING
    values = {"status": status, "generation": made["generation"], "deployment_id": made["id"], "reason": ""}
    book.change_container(held["id"], **values)
    book.tell("deployment.requested", held, deployment=made["id"], action=made["action"], version=made["version"])
    return Requested(made["id"], held["id"], Standing.STARTED)
