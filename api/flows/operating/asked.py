"""How does somebody have a container observed now, without waiting for its time?"""

from __future__ import annotations

from api.auth.permissions import Action, require
from api.flows.containers import acted_on, container
from catalog import looks
from catalog.access_sets import AccessSets
from catalog.containers import Containers
from catalog.database import Database
from catalog.observable import STEADY
from engine.errors import ContainerUnsettled
from engine.model import Json, Principal


def observe(
    container_id: str, *, principal: Principal, database: Database, containers: Containers, sets: AccessSets
) -> dict[str, Json]:
    """Let a worker look at the container at once; answers it as it is, with `wish`, the number of this wish.

    It was looked at once its `observed.answered` has reached that number. Raises NotFound, Forbidden, and
    ContainerUnsettled for one that a deployment is at, or that is not there as a whole.
    """
    require(principal, Action.DEPLOY)
    with database.work(principal) as work:
        work.head()  # so that no deployment begins meanwhile
        held = acted_on(work, container_id, Action.DEPLOY)
        if held["status"] not in STEADY:
            told = f"{held['fqn']} in {held['environment']} is {held['status']}: there is nothing settled to look at."
            raise ContainerUnsettled(told, container=container_id, status=held["status"])
        wish = looks.ask(work.connection, container_id)
        work.commit()
    return {**container(container_id, principal=principal, containers=containers, sets=sets), "wish": wish}
