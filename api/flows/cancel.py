"""How is a deployment stopped that somebody does not want any more?"""

from __future__ import annotations

from api.auth.permissions import Action, require
from api.flows.containers import acted_on
from catalog import turns
from catalog.database import Database
from catalog.deployments import DeploymentBook
from engine.errors import DeploymentEnding, NotFound
from engine.model import Principal
from engine.provision.states import UNDOING, DeploymentState


def cancel(deployment_id: str, *, reason: str, principal: Principal, database: Database) -> None:
    """Let the deployment turn back at its next step; asking twice changes nothing.

    Raises NotFound, Forbidden, and DeploymentEnding where it has ended, or is on its way back already.
    """
    require(principal, Action.DEPLOY)
    with database.work(principal) as work:
        work.head()
        book = DeploymentBook(work)
        found = book.deployment(deployment_id)
        if found is None:
            raise NotFound(f"There is no deployment {deployment_id}.")
        container = acted_on(work, found["container_id"], Action.DEPLOY)
        state = DeploymentState(found["state"])
        if state is DeploymentState.CANCELLING:
            return
        if not state.running or state in UNDOING:
            raise DeploymentEnding(f"The deployment {deployment_id} is {state.value}.", state=state.value)
        told = reason or f"cancelled by {principal.id}"
        book.change_deployment(deployment_id, state=DeploymentState.CANCELLING, reason=told)
        book.tell("deployment.cancelling", container, deployment=deployment_id, version=found["version"], reason=told)
        turns.signal(work.connection, deployment_id)
        work.commit()
