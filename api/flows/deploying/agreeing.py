"""What do people have to agree to before a plan is carried out, and what while they have not?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from api.flows.deploying.rejecting import rejected
from api.flows.deploying.site import Site, wait
from catalog import turns
from catalog.deployments import DeploymentBook
from engine.model import Json
from engine.provision.bindings import Surroundings
from engine.provision.judged import destroyed
from engine.provision.plan import Plan
from engine.provision.states import DeploymentAction, DeploymentState

APPROVAL, CONSENT = "approval", "consent"

Stored = Mapping[str, Any]


def needed(action: str, made: Plan, environment: Surroundings, *, consent: bool) -> str:
    """Whose word the plan needs: `approval` of somebody else, `consent` to what it takes away, or nobody's.

    To approve a plan is to agree to all of it. Who asks for a container to be retired asks for what that takes away.
    """
    if environment.approval == "required":
        return APPROVAL
    destroys = action == DeploymentAction.DEPLOY and destroyed(made)
    return CONSENT if destroys and environment.consent == "needed" and not consent else ""


def asked_for(deployment: Stored, made: Plan, environment: Surroundings) -> str:
    """As `needed`, for a deployment that somebody may have approved already."""
    if deployment["approved_plan"] == made.digest:
        return ""
    return needed(deployment["action"], made, environment, consent=deployment["consent"])


def parked(
    book: DeploymentBook, deployment: Stored, made: Plan, asks: str, environment: Surroundings
) -> dict[str, Json]:
    """Ask people about this plan; what was approved before was another one. The deployment's time stands still."""
    why = question(asks, made)
    unanswered = {"approved_by": "", "approved_plan": "", "approved_at": None, "error_class": ""}
    book.keep_plan(deployment["id"], made.document())
    book.change_deployment(
        deployment["id"],
        state=DeploymentState.AWAITING_APPROVAL,
        reason=why,
        asks=asks,
        asked_at=datetime.now(UTC),
        **unanswered,
    )
    held = book.container(deployment["container_id"]) or {}
    told = {"deployment": deployment["id"], "version": deployment["version"], "plan": made.digest, "asks": asks}
    book.tell("deployment.awaiting-approval", held, **told, reason=why, destroys=list(destroyed(made)))
    turns.unlimited(book.work.connection, deployment["id"])
    return wait(environment.approval_seconds, APPROVAL, why)


def question(asks: str, made: Plan) -> str:
    """What people are asked, in words."""
    changes = [one for one in made.actions if one.kind != "noop"]
    what = ", ".join(destroyed(made))
    if asks == CONSENT:
        return f"needs consent: {what}"
    return f"needs approval of {len(changes)} actions" + (f", among them {what}" if what else "")


def patience(deployment_id: str, *, site: Site) -> dict[str, Json]:
    """Nothing where somebody has answered, `{wait}` until somebody does; whom nobody answers is rejected."""
    with site.running(deployment_id) as (book, deployment):
        if deployment["approved_plan"]:
            return {}
        seconds = _left(deployment, site)
        if seconds > 0:
            return wait(seconds, "approval", deployment["reason"])
        msg = f"nobody answered in time ({deployment['reason']})"
        reason = {"kind": deployment["asks"], "code": "approval-expired", "msg": msg}
        return rejected(book, deployment, [reason], code="approval-expired")


def _left(deployment: Stored, site: Site) -> float:
    asked: datetime = deployment["asked_at"]
    allowed = site.environment(deployment["environment"]).approval_seconds
    return allowed - (datetime.now(UTC) - asked).total_seconds()
