"""What is to be done to the container, given what is there, and may it be done?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.flows.deploying.agreeing import asked_for, parked, patience
from api.flows.deploying.foreseeing import known
from api.flows.deploying.foretelling import foretold
from api.flows.deploying.judging import Judgement, judged
from api.flows.deploying.looking import together
from api.flows.deploying.rejecting import rejected
from api.flows.deploying.site import Site, fault_of, wait
from catalog.deployable import by_id
from catalog.deployments import DeploymentBook
from catalog.resource_book import present
from engine.errors import CatalogUnavailable, GovernanceError, NotFound, PlanInvalid, ProvisioningFailed
from engine.model import Json
from engine.provision.bindings import Surroundings
from engine.provision.building import builds_in
from engine.provision.plan import Plan, Target, plan, removal
from engine.provision.states import DeploymentAction, DeploymentState

BEGUN = frozenset({DeploymentState.APPLYING, DeploymentState.VERIFYING})
"""States in which the stored plan is being carried out."""


def prepare(deployment_id: str, *, site: Site) -> dict[str, Json]:
    """Plan by looking, judge the plan, and hear people where they have a say; then it is what will be done.

    Answers `{actions: [name, …], builds: [name, …]}`, `{wait}`, `{cancel}`, or `{ended}` where it was rejected.
    Raises PlanInvalid, and ProvisioningFailed where an adapter that has to be asked keeps failing.
    """
    with site.running(deployment_id) as (book, deployment):
        state = DeploymentState(deployment["state"])
        if state is DeploymentState.CANCELLING:
            return {"cancel": True}
        if state in BEGUN:
            return _steps(book.plan(deployment_id))
        if state is DeploymentState.QUEUED:
            book.change_deployment(deployment_id, state=DeploymentState.PLANNING)
        resources = present(book.resources(deployment["container_id"]))
    if state is DeploymentState.AWAITING_APPROVAL and (answer := patience(deployment_id, site=site)):
        return answer
    site.turns.limit(deployment_id, site.deadline(deployment))
    try:
        made = _planned(deployment, resources, site)
    except ProvisioningFailed as error:  # an adapter did not answer, so nothing is done yet
        fault = fault_of(error)
        if not site.pace.again(fault["class"], site.turns.of(deployment_id).number):
            raise
        return _later(deployment_id, f"{fault['class']}: not planned yet: {fault['reason']}", site)
    if deployment["pinned"] not in ("", made.digest):
        return _moved(deployment_id, made, site)
    if deployment["action"] == DeploymentAction.RETIRE:
        return _decided(deployment, made, None, site)
    try:
        judgement = judged(deployment, made, bench=site.bench(), database=site.database)
    except (CatalogUnavailable, PlanInvalid, NotFound):
        raise
    except GovernanceError as error:  # no decision was made, so nothing is done yet
        return _later(deployment_id, f"TRANSIENT: not judged yet: {error.detail}", site)
    return _decided(deployment, made, judgement, site)


def _decided(deployment: Mapping[str, Any], made: Plan, judgement: Judgement | None, site: Site) -> dict[str, Json]:
    """What follows from the plan and what was decided about it, in one transaction that looks at both again."""
    environment = site.environment(deployment["environment"])
    with site.running(deployment["id"]) as (book, found):
        if found["state"] == DeploymentState.CANCELLING:
            return {"cancel": True}
        if judgement is None or judgement.holds(book):
            return _settled(book, found, made, judgement, environment)
    return _later(deployment["id"], "TRANSIENT: not judged yet: what it rests on changed meanwhile", site)


def _settled(
    book: DeploymentBook,
    deployment: Mapping[str, Any],
    made: Plan,
    judgement: Judgement | None,
    environment: Surroundings,
) -> dict[str, Json]:
    """It is rejected, people are asked, or from now on this plan is carried out."""
    if judgement is not None and (reasons := judgement.kept(book, deployment)):
        return rejected(book, deployment, reasons, code="not-cleared")
    if asks := asked_for(deployment, made, environment):
        return parked(book, deployment, made, asks, environment)
    book.keep_plan(deployment["id"], made.document())
    book.change_deployment(deployment["id"], state=DeploymentState.APPLYING, reason="", asks="")
    return _steps(made.document())


def _moved(deployment_id: str, made: Plan, site: Site) -> dict[str, Json]:
    """The world is not what it was when the plan was made that alone is wanted."""
    with site.running(deployment_id) as (book, deployment):
        if deployment["state"] == DeploymentState.CANCELLING:
            return {"cancel": True}
        book.keep_plan(deployment_id, made.document())
        msg = f"the plan is {made.digest} now, not {deployment['pinned']}"
        return rejected(book, deployment, [{"kind": "plan", "code": "plan-moved", "msg": msg}], code="plan-moved")


def _later(deployment_id: str, why: str, site: Site) -> dict[str, Json]:
    """Try again later. Raises ProvisioningFailed once the deployment has used up its time."""
    site.not_late(deployment_id)
    return wait(site.pace.delay(site.turns.of(deployment_id).number), "retry", why)


def _steps(stored: Mapping[str, Json]) -> dict[str, Json]:
    return {"actions": names(stored), "builds": names(stored, "builds")}


def names(stored: Mapping[str, Json], part: str = "actions") -> list[str]:
    """The names of the actions of a stored plan, or of what it builds, which are those of its steps."""
    return [one["request"]["component"]["fqn"] for one in stored.get(part, ())]


def wanted(
    version_id: str,
    deployment: Mapping[str, Any],
    resources: Sequence[Mapping[str, Any]],
    site: Site,
    generation: int,
    *,
    seen: Mapping[str, Mapping[str, Json]],
) -> Plan:
    """The plan that brings the container to this version, given what is seen of its resources. Raises PlanInvalid."""
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
    return plan(subject.effective, target, known=known(resources), seen=seen)


def _planned(deployment: Mapping[str, Any], resources: Sequence[Mapping[str, Any]], site: Site) -> Plan:
    generation = deployment["generation"]
    if deployment["action"] == DeploymentAction.RETIRE:
        there = list(known(resources).values())
        return removal(there, generation=generation, policy=deployment["data_policy"])
    seen = together(resources, site)
    made = wanted(deployment["version_id"], deployment, resources, site, generation, seen=seen)
    return foretold(made, seen, resources, site)
