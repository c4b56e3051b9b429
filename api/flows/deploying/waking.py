"""Who hands the next turn of a deployment to the durable engine once its time has come?"""

from __future__ import annotations

from catalog.database import Database
from catalog.turns import Turns
from engine.provision.durable import Durable

AT_ONCE = 100
"""Deployments that are woken in one round."""


def wake(database: Database, durable: Durable) -> int:
    """Hand over every turn that is due; answers how many. Any number of workers may do it: each turn is taken once."""
    turns = Turns(database)
    return sum(_woken(one, turns, database, durable) for one in turns.due(AT_ONCE))


def _woken(deployment_id: str, turns: Turns, database: Database, durable: Durable) -> bool:
    with database.writing() as connection:
        turn = turns.taken(connection, deployment_id)
        if turn is None:
            return False
        durable.enqueue(connection, deployment_id, turn=turn)
        connection.commit()
    return True
