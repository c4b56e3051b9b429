"""Which deployments are under way, in which state, and for how long has the next turn of those that wait been due?"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, select

from catalog import clock
from catalog.database import Database
from catalog.deployments import DEPLOYMENT
from catalog.turns import TURN
from engine.provision.states import RUNNING


class Underway(NamedTuple):
    """One deployment that runs: its turn, since when it is in its state, and what it waits for, if it does.

    `due_seconds` is how long ago its next turn should have begun, negative before that; None while a turn is under way.
    """

    deployment_id: str
    state: str
    at: datetime
    turn: int
    waits_for: str
    due_seconds: float | None


def underway(database: Database) -> list[Underway]:
    """All of them, by the database's clock. Raises CatalogUnavailable."""
    due = (clock.seconds(database.dialect) - TURN.c.wake_at).label("due")
    columns = (DEPLOYMENT.c.id, DEPLOYMENT.c.state, DEPLOYMENT.c.at, TURN.c.turn, TURN.c.waits_for, due)
    here = and_(DEPLOYMENT.c.until_revision.is_(None), DEPLOYMENT.c.state.in_(sorted(RUNNING)))
    found = select(*columns).join(TURN, TURN.c.deployment_id == DEPLOYMENT.c.id).where(here)
    with database.reading() as connection:
        return [
            Underway(row.id, row.state, row.at, row.turn, row.waits_for, None if row.due is None else float(row.due))
            for row in connection.execute(found)
        ]
