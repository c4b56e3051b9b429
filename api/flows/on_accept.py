"""What follows when a version is accepted and an environment has `on_accept: deploy`?

Each such environment follows the feed by a cursor of its own, which moves in the transaction that begins the
deployment, or tells why there is none. So a process that dies loses nothing and repeats nothing, and a submission
never waits for, or fails with, what follows from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.flows import deploy
from api.flows.deploying.site import WORKER
from api.flows.standing import Requested, Wish
from catalog.changes import Wanted
from catalog.followers import moved
from engine.errors import ContainerOccupied, Downgrade, Forbidden, GovernanceError, NotCleared, NotFound
from engine.model import Principal
from engine.provision.events import Cause

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.shown import Change
    from catalog.work import UnitOfWork

ACCEPTED = "version.accepted"
REFUSED = "deployment.refused"

ANSWERS = (ContainerOccupied, Downgrade, Forbidden, NotCleared, NotFound)
"""Refusals that another try would meet again; any other error is no answer, and it is tried again later."""


class Overtaken(Exception):
    """Another process did it."""


class Moving:
    """Moves the cursor with the deployment that begins (`api.flows.once.Beside`)."""

    def __init__(self, environment: str, before: int, after: int) -> None:
        self._place = (environment, before, after)

    def keep(self, work: UnitOfWork, result: object) -> None:
        if not moved(work.connection, *self._place):
            raise Overtaken

    def committed(self) -> None:
        """Nothing: the cursor is where it should be."""


def deploying(house: House) -> list[str]:
    """The environments to which everything that is accepted goes, in their order."""
    return [name for name, one in house.environments.items() if one.on_accept == "deploy"]


def begin(house: House) -> None:
    """Let every such environment see what comes from now on. Raises CatalogUnavailable."""
    house.followers.cursors(deploying(house))


def follow(house: House) -> bool:
    """Deploy the next accepted version to each such environment; whether there was any.

    Raises what was no answer (an engine that does not work, a catalog that moves): then nothing has happened.
    """
    names = deploying(house)
    cursors = house.followers.cursors(names)
    worked = [_next(name, cursors[name], house) for name in names if name in cursors]
    return any(worked)


def _next(environment: str, cursor: int, house: House) -> bool:
    found = house.changes.wanted(Wanted(kinds=(ACCEPTED,)), cursor, principal=WORKER, limit=1)
    if not found.changes:
        if found.reached > cursor:
            house.followers.move(environment, cursor, found.reached)
        return found.more
    change = found.changes[0]
    try:
        _deployed(change, environment, cursor, house)
    except ANSWERS as refusal:
        _told(change, environment, cursor, refusal, house)
    except Overtaken:
        return True
    house.followers.move(environment, cursor, change.cursor)  # where a deployment was there already
    return True


def _deployed(change: Change, environment: str, cursor: int, house: House) -> Requested:
    wish = Wish(change.subject, change.payload["version"], environment, cause=Cause.ACCEPTANCE)
    return deploy.request(
        wish,
        principal=_for(change),
        database=house.database,
        durable=house.durable,
        rules_on=house.rules_on,
        engine=house.engine,
        environments=house.environments,
        now=house.clock(),
        once=Moving(environment, cursor, change.cursor),
    )


def _for(change: Change) -> Principal:
    """Who submitted it, with the right that the environment gives: to deploy what was accepted, in its domain."""
    return Principal(change.principal, frozenset({"deployer"}), frozenset({change.domain}))


def _told(change: Change, environment: str, cursor: int, refusal: GovernanceError, house: House) -> None:
    """Tell in the feed why it is not deployed."""
    payload = {"version": change.payload["version"], "environment": environment, "cause": Cause.ACCEPTANCE}
    with house.database.work(_for(change)) as work:
        work.head()
        if not moved(work.connection, environment, cursor, change.cursor):
            return
        told = {**payload, "code": refusal.code, "reason": refusal.detail}
        work.changes.append(REFUSED, change.subject, told, domain=change.domain)
        work.commit()
