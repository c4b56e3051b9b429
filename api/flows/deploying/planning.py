"""What is to be done to the container, given what is there?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.flows.deploying.looking import observed
from api.flows.deploying.site import Site
from catalog.deployable import by_id
from catalog.deployments import present
from engine.errors import PlanInvalid
from engine.model import Json
from engine.provision.building import builds_in
from engine.provision.plan import Plan, Target, plan, removal
from engine.provision.states import DeploymentAction, DeploymentState


@dataclass(frozen=True, slots=True)
class KnownResource:
    """A stored resource as the plan wants to see it (`engine.provision.plan.Known`)."""

    adapter: str
    state: str
    specification: str
    fingerprint: str
    request: Mapping[str, Json]


def prepare(deployment_id: str, *, site: Site) -> dict[str, Json]:
    """Plan the deployment once and store the plan; answers `{actions: [name, …], builds: [name, …]}`.

    Raises PlanInvalid."""
    with site.running(deployment_id) as (book, deployment):
        if deployment["state"] == DeploymentState.CANCELLING:
            return {"cancel": True}
        stored = book.plan(deployment_id)
        resources = present(book.resources(deployment["container_id"]))
        if stored is None:
            book.change_deployment(deployment_id, state=DeploymentState.PLANNING)
    if stored is None:
        stored = _planned(deployment, resources, site).document()
        with site.running(deployment_id) as (book, deployment):
            if deployment["state"] == DeploymentState.CANCELLING:
                return {"cancel": True}
            book.keep_plan(deployment_id, stored)
            book.change_deployment(deployment_id, state=DeploymentState.APPLYING)
    site.turns.limit(deployment_id, site.deadline(deployment))
    return {"actions": names(stored), "builds": names(stored, "builds")}


def names(stored: Mapping[str, Json], part: str = "actions") -> list[str]:
    """The names of the actions of a stored plan, or of what it builds, which are those of its steps."""
    return [one["request"]["component"]["fqn"] for one in stored.get(part, ())]


def wanted(
    version_id: str, deployment: Mapping[str, Any], resources: Sequence[Mapping[str, Any]], site: Site, generation: int
) -> Plan:
    """The plan that brings the container to this version. Raises PlanInvalid."""
    subject = by_id(site.database, version_id)
    environment = site.environment(deployment["environment"])
    target = Target(
        deployment["container_id"],
        generation,
        subject.identity,
        environment,
        digest=subject.digest,
        builds_in=builds_in(site.environments.values()),
        built=site.builds.done(subject.digest),
    )
    seen = {one["resource_id"]: observed(one, site) for one in resources}
    return plan(subject.effective, target, known=known(resources), seen=seen)


def known(resources: Sequence[Mapping[str, Any]]) -> dict[str, KnownResource]:
    """The stored resources by id."""
    columns = ("adapter", "state", "specification", "fingerprint", "request")
    return {one["resource_id"]: KnownResource(*(one[name] for name in columns)) for one in resources}


def _planned(deployment: Mapping[str, Any], resources: Sequence[Mapping[str, Any]], site: Site) -> Plan:
    generation = deployment["generation"]
    if deployment["action"] == DeploymentAction.RETIRE:
        there = list(known(resources).values())
        return removal(there, generation=generation, policy=deployment["data_policy"])
    made = wanted(deployment["version_id"], deployment, resources, site, generation)
    _refuse_invalid(made, site)
    return made


def _refuse_invalid(made: Plan, site: Site) -> None:
    """Ask every adapter, before anything is touched, whether it can make what it is asked for."""
    for action in made.actions:
        if action.kind in ("noop", "delete"):
            continue
        issues = site.adapter(action.adapter, action.request).issues(dict(action.request))
        errors = [f"{one['path']}: {one['message']}" for one in issues if one["severity"] == "error"]
        if errors:
            fqn = action.request["component"]["fqn"]
            raise PlanInvalid(f"{action.adapter} refuses {fqn}: {'; '.join(errors)}", error_class="INVALID")
