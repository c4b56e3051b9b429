"""How does a deployment that waits for people get their word?

Where its environment wants approval, somebody else than its requester gives it; where only consent is missing to what
it removes or makes anew, whoever may deploy does, the requester too, who could have given it with the request.
"""

from __future__ import annotations

from api.auth.permissions import Action, may, require
from api.flows.containers import acted_on
from api.flows.deploying.agreeing import APPROVAL
from api.flows.deploying.rejecting import rejected
from catalog import turns
from catalog.database import Database
from catalog.deployments import DeploymentBook
from catalog.resource_book import Stored
from catalog.work import UnitOfWork
from engine.errors import Forbidden, NobodyAsked, NotFound, PlanMoved
from engine.model import Principal
from engine.provision.states import DeploymentState


def approve(deployment_id: str, *, plan: str, reason: str, principal: Principal, database: Database) -> None:
    """Let the deployment go on with the plan of this digest; what was approved already stays approved by who did it.

    Raises NotFound, Forbidden, NobodyAsked where it waits for nobody, and PlanMoved where its plan is another one.
    """
    _may(principal)
    with database.work(principal) as work:
        book, found = _asking(work, deployment_id)
        if found["asks"] == APPROVAL and found["principal"].casefold() == principal.id.casefold():
            told = f"`{principal.id}` requested this deployment, and nobody approves their own."
            raise Forbidden(told, principal=principal.id, action=str(Action.APPROVE_DEPLOYMENT))
        stands = book.plan(deployment_id)["digest"]
        if stands != plan:
            raise PlanMoved(f"The plan of {deployment_id} is {stands}.", plan=stands, named=plan)
        if found["approved_plan"] == plan:
            return
        book.change_deployment(deployment_id, approved_by=principal.id, approved_plan=plan, approved_at=work.at)
        _tell(book, found, plan, reason)
        turns.signal(work.connection, deployment_id)
        work.commit()


def reject(deployment_id: str, *, reason: str, principal: Principal, database: Database) -> None:
    """End the deployment as `rejected`; its container is as it was before.

    Raises NotFound, Forbidden, and NobodyAsked where it waits for nobody.
    """
    _may(principal)
    with database.work(principal) as work:
        book, found = _asking(work, deployment_id)
        msg = f"rejected by {principal.id}: {reason}"
        why = {"kind": found["asks"], "code": "approval-refused", "msg": msg, "principal": principal.id}
        rejected(book, found, [why], code="approval-refused")
        work.commit()


def _may(principal: Principal) -> None:
    """Refuse whoever may answer for no deployment at all, before they learn which ones there are."""
    if not may(principal, Action.DEPLOY):
        require(principal, Action.APPROVE_DEPLOYMENT)


def _asking(work: UnitOfWork, deployment_id: str) -> tuple[DeploymentBook, Stored]:
    """The deployment, which waits for the word of people, for one who may give it; the head is held."""
    work.head()
    book = DeploymentBook(work)
    found = book.deployment(deployment_id)
    if found is None:
        raise NotFound(f"There is no deployment {deployment_id}.")
    approves = found["asks"] == APPROVAL or may(work.principal, Action.APPROVE_DEPLOYMENT)
    acted_on(work, found["container_id"], Action.APPROVE_DEPLOYMENT if approves else Action.DEPLOY)
    if found["state"] != DeploymentState.AWAITING_APPROVAL:
        raise NobodyAsked(f"The deployment {deployment_id} is {found['state']}.", state=found["state"])
    return book, found


def _tell(book: DeploymentBook, deployment: Stored, plan: str, reason: str) -> None:
    held = book.container(deployment["container_id"]) or {}
    told = {"deployment": deployment["id"], "version": deployment["version"], "plan": plan, "reason": reason}
    book.tell("deployment.approved", held, **told, asks=deployment["asks"], approved_by=book.work.principal.id)
