"""How does a container that nobody can clean up give its slot back?"""

from __future__ import annotations

from api.auth.permissions import Action, require
from api.flows.containers import acted_on
from catalog.database import Database
from catalog.deployments import DeploymentBook
from catalog.resource_book import present
from engine.errors import ContainerInOrder
from engine.model import Principal
from engine.provision.states import ContainerStatus


def abandon(container_id: str, *, reason: str, principal: Principal, database: Database) -> None:
    """Retire the row of a container in `needs_cleanup`, and keep the list of what may still be there; for operators.

    Nothing is asked of any adapter. Raises NotFound, Forbidden and ContainerInOrder.
    """
    require(principal, Action.OPERATE)
    with database.work(principal) as work:
        work.head()
        book = DeploymentBook(work)
        held = acted_on(work, container_id, Action.OPERATE)
        if held["status"] != ContainerStatus.NEEDS_CLEANUP:
            detail = (
                f"{held['fqn']} in {held['environment']} is {held['status']}; only what needs cleanup is abandoned."
            )
            raise ContainerInOrder(detail, container=container_id, status=held["status"])
        left = [one["fqn"] for one in present(book.resources(container_id))]
        gone = {"status": ContainerStatus.RETIRED, "usable": False, "in_sync": False}
        container = book.change_container(container_id, **gone, reason=f"abandoned by {principal.id}: {reason}")
        book.tell("container.abandoned", container, version=container["version"], reason=reason, left=left)
        work.commit()
