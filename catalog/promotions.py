"""Was a version deployed to an environment, and is it the one that was last?"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, and_, desc, select

from catalog.spans import now
from catalog.tables.deployment import ContainerRow, DeploymentRow
from catalog.tables.row import table_of
from engine.provision.states import DeploymentAction, DeploymentState

CONTAINER, DEPLOYMENT = table_of(ContainerRow), table_of(DeploymentRow)


def last_digest(connection: Connection, fqn: str, environment: str) -> str | None:
    """The digest of what was deployed last, and well, of a line to an environment; it may be retired by now."""
    newest = select(DEPLOYMENT.c.digest).where(_well(fqn, environment)).order_by(desc(DEPLOYMENT.c.generation))
    return connection.execute(newest.limit(1)).scalar()


def was_there(connection: Connection, fqn: str, environment: str, digest: str) -> bool:
    """Whether a version was ever deployed well to an environment."""
    here = (_well(fqn, environment), DEPLOYMENT.c.digest == digest)
    return connection.execute(select(DEPLOYMENT.c.id).where(*here).limit(1)).first() is not None


def _well(fqn: str, environment: str) -> ColumnElement[bool]:
    """The deployments of a line to an environment that succeeded."""
    containers = select(CONTAINER.c.id).where(now(CONTAINER, {"fqn": fqn, "environment": environment}))
    ended = now(DEPLOYMENT, {"action": DeploymentAction.DEPLOY, "state": DeploymentState.SUCCEEDED})
    return and_(ended, DEPLOYMENT.c.container_id.in_(containers))
