"""May a version come to this environment from the one before it?"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from api.flows.standing import Wish
from catalog.deployable import Deployable
from catalog.promotions import last_digest, was_there
from engine.errors import NotCleared
from engine.provision.bindings import Surroundings

REQUIRED = "required"


def refuse_unpromoted(
    connection: Connection, subject: Deployable, wish: Wish, environments: Mapping[str, Surroundings]
) -> None:
    """Raises NotCleared where the environment takes promoted versions only and this one is none.

    Promoted is the content that was last deployed, and well, to the environment before it in the order. What is there
    already may be deployed again, and what was there may come back with `rollback`.
    """
    environment = environments[wish.environment]
    before = _before(environment, environments)
    if environment.promotion != REQUIRED or before is None:
        return
    fqn = subject.identity.fqn
    if last_digest(connection, fqn, before) == subject.digest:
        return
    if last_digest(connection, fqn, wish.environment) == subject.digest:
        return
    if wish.rollback and was_there(connection, fqn, wish.environment, subject.digest):
        return
    told = f"the version has to be deployed to {before} first: it is not what was deployed there last"
    reason = {"kind": "promotion", "code": "not-promoted", "msg": told, "environment": before}
    detail = f"{fqn} {subject.identity.version} has no clearance for {wish.environment}: {told}"
    raise NotCleared(detail, reasons=[reason], environment=wish.environment)


def _before(environment: Surroundings, environments: Mapping[str, Surroundings]) -> str | None:
    """The name of the environment before this one in the order of promotion."""
    lower = [one for one in environments.values() if one.order < environment.order]
    return max(lower, key=lambda one: one.order).name if lower else None
