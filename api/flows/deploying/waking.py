"""Who hands the next turn of a deployment to the durable engine once its time has come?"""

from __future__ import annotations

from catalog import turns
from catalog.database import Database
from engine.provision.durable import Durable

AT_ONCE = 100
"""Deployments that are woken in one round."""


def wake(database: Database, durable: Durable) -> int:
    """Hand over every turn that is due; answers how many. Any number of workers may do it: each turn is taken once."""
    due = turns.Turns(database).due(AT_ONCE)
    return sum(_woken(one, database, durable) for one in due)


def again(deployment_id: str, turn: int, *, database: Database) -> bool:
    """Let the next turn follow at once where nobody carries this one out to its end; False where it has already."""
    with database.writing() as connection:
        due = turns.again(connection, deployment_id, turn)
        connection.commit()
    return due


def _woken(deployment_id: str, database: Database, durable: Durable) -> bool:
    with database.writing() as connection:
        turn = turns.Turns(database).taken(connection, deployment_id)
        if turn is None:
            return False
        durable.enqueue(connection, deployment_id, turn=turn)
        connection.commit()
    return True
