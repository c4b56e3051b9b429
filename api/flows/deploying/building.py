"""How is a version built once, whichever deployments want it and whatever dies on the way?

The claim on a version is one row: the deployment that has it builds, and any other waits without a worker. What was
built stands in the catalog for ever; then nobody builds it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from api.flows.deploying.asking import polled, seen_made
from api.flows.deploying.site import Site, fault_of, wait
from catalog.builds import Claim
from engine.errors import GovernanceError, PlanInvalid
from engine.model import Json
from engine.provision.checked import Pending
from engine.provision.contract import failed
from engine.provision.states import DeploymentState
from engine.provision.tasks import KIND

Stored = Mapping[str, Any]


def build(deployment_id: str, number: int, *, site: Site) -> dict[str, Json]:
    """Build item `number` of the plan, unless it is built; answers `{state}`, `{wait}` or `{cancel}`.

    Raises ProvisioningFailed with the adapter's error class where another try is of no use or beyond the budget; then
    nothing is recorded, and the next deployment of the version tries again.
    """
    with site.running(deployment_id) as (book, deployment):
        if deployment["state"] == DeploymentState.CANCELLING:
            return {"cancel": True}
        action = book.plan(deployment_id)["builds"][number]
        fqn, digest = action["request"]["component"]["fqn"], deployment["digest"]
        if fqn in book.builds.done(digest):
            return {"state": "built"}
        claim = book.builds.claimed(digest, fqn, deployment_id, at=datetime.now(UTC))
    site.not_late(deployment_id)
    if claim.deployment_id != deployment_id:
        return wait(site.pace.look, "build", f"the deployment {claim.deployment_id} builds this version")
    try:
        answer = _seen(action, claim, site)
    except GovernanceError as error:
        return _again(deployment, claim, error, site)
    if isinstance(answer, Pending):
        return _going_on(deployment, action, claim, answer, site)
    return _kept(deployment, action, claim, answer, site)


def let_go(deployment_id: str, *, site: Site) -> None:
    """Leave what the deployment builds to others, and ask the adapter to stop what still goes on."""
    with site.running(deployment_id) as (book, _):
        claim = book.builds.released(deployment_id)
        planned = (book.plan(deployment_id) or {}).get("builds", [])
    if claim is None or not claim.operation:
        return
    for action in planned:
        if action["request"]["component"]["fqn"] == claim.fqn:
            with suppress(GovernanceError):
                site.adapter(action["adapter"], action["request"]).cancel(claim.operation)


def _seen(action: Stored, claim: Claim, site: Site) -> dict[str, Json] | Pending:
    if claim.operation:
        return polled(action, claim.since, claim.operation, site)
    request = {**action["request"], **({"unsure": True} if claim.tries > 1 else {})}
    maker = site.adapter(action["adapter"], request)
    if request["component"]["kind"] != KIND and not maker.can("build"):
        raise PlanInvalid(f"{maker.name} is bound to the stage build and has not the capability `build`")
    errors = [one["message"] for one in maker.issues(request) if one["severity"] == "error"]
    if errors:
        raise failed("INVALID", f"{maker.name} refuses to build {claim.fqn}: {'; '.join(errors)}")
    told = site.builds.outputs(request["container"]["product"], request["container"]["version"])
    request["resolved"] = {fqn: told[fqn] for fqn in action["depends_on"] if fqn in told}
    return seen_made(maker, request, maker.apply(request))


def _kept(deployment: Stored, action: Stored, claim: Claim, seen: Mapping[str, Json], site: Site) -> dict[str, Json]:
    with site.running(deployment["id"]) as (book, now):
        if claim.fqn in book.builds.done(now["digest"]):  # by who took over while this one was being cancelled
            return {"state": "built"}
        names = [one["name"] for one in seen.get("artifacts", [])]
        twice = book.builds.names(now["digest"]) & set(names)
        if twice or len(set(names)) < len(names):
            shown = ", ".join(sorted(twice or names))
            raise failed("INVALID", f"{action['adapter']} builds artifacts of names that are taken: {shown}")
        book.builds.keep(now["version_id"], now["digest"], claim, adapter=action["adapter"], seen=seen)
        made = [{name: one[name] for name in ("name", "digest")} for one in seen.get("artifacts", [])]
        container = book.container(now["container_id"]) or {}
        book.tell("version.built", container, version=now["version"], built=claim.fqn, artifacts=made)
    return {"state": "built"}


def _going_on(deployment: Stored, action: Stored, claim: Claim, pending: Pending, site: Site) -> dict[str, Json]:
    if claim.operation != pending.operation:
        _note(deployment, claim._replace(operation=pending.operation), site)
    seconds = site.pace.look if pending.retry_after is None else min(pending.retry_after, site.pace.most)
    why = f"{action['adapter']} goes on with the build of {claim.fqn}"
    return wait(seconds, "operation", why, resource=claim.fqn, **pending.progress)


def _again(deployment: Stored, claim: Claim, error: GovernanceError, site: Site) -> dict[str, Json]:
    """Wait for another try; raises the error where there is none."""
    fault = fault_of(error)
    _note(deployment, claim._replace(operation=""), site)
    if not site.pace.again(fault["class"], claim.tries):
        raise error
    told = f"{fault['class']}: {fault['reason']} (try {claim.tries} of {site.pace.tries})"
    return wait(site.pace.delay(claim.tries), "retry", told, resource=claim.fqn, error_class=fault["class"])


def _note(deployment: Stored, claim: Claim, site: Site) -> None:
    with site.running(deployment["id"]) as (book, now):
        book.builds.note(now["digest"], claim)
