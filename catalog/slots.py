"""Who may go on where only so many deployments may be at work at once, and who is next?

A place is a row of the deployment that holds it or waits for it, and counts only while that deployment runs: nothing
has to be given back for a place not to be lost. Who kills a holder frees nothing: its deployment is taken over, place
included. Asking and leaving happen with the catalog's head locked, so nobody comes between a look and a write.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, insert, select, update

from catalog import turns
from catalog.database import Database
from catalog.tables.deployment import DeploymentRow, SlotRow
from catalog.tables.order import HeadRow
from catalog.tables.row import table_of
from catalog.turns import Pause, Turn
from engine.provision.states import RUNNING

SLOT, DEPLOYMENT, HEAD = table_of(SlotRow), table_of(DeploymentRow), table_of(HeadRow)

KEPT_WHILE = frozenset({"operation", "slot"})
"""What a deployment may wait for without leaving its places: the world still works on it, or it is about to go on."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` deployments hold a place of this name at once."""

    name: str
    most: int


@dataclass(frozen=True, slots=True)
class Full:
    """There is no place now: who holds those there are, and how many wait in front."""

    holders: Sequence[str]
    before: int


def asked(connection: Connection, deployment_id: str, limit: Limit) -> Full | None:
    """Take a place, or the next free one in the order in which deployments were requested; None once it is held.

    Who waits for this place waits for no other one any more. The caller holds the head.
    """
    _left(connection, SLOT.c.deployment_id == deployment_id, SLOT.c.held.is_(False), SLOT.c.name != limit.name)
    mine = and_(SLOT.c.deployment_id == deployment_id, SLOT.c.name == limit.name)
    if connection.execute(select(SLOT.c.held).where(mine)).first() is None:
        connection.execute(insert(SLOT), {"deployment_id": deployment_id, "name": limit.name, "held": False})
    rows = connection.execute(_places(limit.name)).all()
    held = [row for row in rows if row.held]
    if any(row.deployment_id == deployment_id for row in held):
        return None
    waiting = [row.deployment_id for row in rows if not row.held]
    before, free = waiting.index(deployment_id), limit.most - len(held)
    if before >= free:
        return Full([f"{row.fqn} {row.version}" for row in held], before)
    connection.execute(update(SLOT).where(mine).values(held=True))
    if before + 1 < min(free, len(waiting)):
        turns.signal(connection, waiting[before + 1])
    return None


def left(connection: Connection, deployment_id: str, name: str | None = None) -> None:
    """Leave this place, or every one, and wake who is next. The caller holds the head."""
    named = () if name is None else (SLOT.c.name == name,)
    _left(connection, SLOT.c.deployment_id == deployment_id, *named)


def park(database: Database, deployment_id: str, turn: Turn, pause: Pause) -> None:
    """End this turn (`turns.parked`), and leave every place unless what the deployment waits for keeps it."""
    mine = SLOT.c.deployment_id == deployment_id
    with database.writing() as connection:
        leaves = pause.waits_for not in KEPT_WHILE and connection.execute(select(SLOT.c.name).where(mine)).first()
        if leaves:
            connection.execute(select(HEAD.c.revision).with_for_update())
        if turns.parked(connection, deployment_id, turn, pause) and leaves:
            _left(connection, mine)
        connection.commit()


def _left(connection: Connection, *which: Any) -> None:
    gone = connection.execute(delete(SLOT).where(*which).returning(SLOT.c.name)).scalars().all()
    for name in gone:
        following = _places(name).where(SLOT.c.held.is_(False)).limit(1)
        for row in connection.execute(following):
            turns.signal(connection, row.deployment_id)


def _places(name: str) -> Select[Any]:
    """The places of this name, those of the deployments that were requested first in front."""
    here = and_(DEPLOYMENT.c.id == SLOT.c.deployment_id, DEPLOYMENT.c.until_revision.is_(None))
    columns = (SLOT.c.deployment_id, SLOT.c.held, DEPLOYMENT.c.fqn, DEPLOYMENT.c.version)
    found = select(*columns).join(DEPLOYMENT, here).where(SLOT.c.name == name, DEPLOYMENT.c.state.in_(sorted(RUNNING)))
    return found.order_by(DEPLOYMENT.c.requested_at, DEPLOYMENT.c.id)
