"""Up to which change has an environment with `on_accept: deploy` seen the feed?

Nothing here is a fact of the mesh, so nothing here makes a revision.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select, update

from catalog.changes import last_on
from catalog.database import Database
from catalog.once import insert_once
from catalog.tables.building import FollowerRow
from catalog.tables.row import table_of

FOLLOWER = table_of(FollowerRow)


class Followers:
    """The cursors of environments; each moves in the transaction of what follows from a change."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def cursors(self, environments: Sequence[str]) -> dict[str, int]:
        """The last change that each has seen. One that is new begins with what comes now; others are forgotten."""
        with self._database.reading() as connection:
            known = _known(connection)
        if set(known) == set(environments):
            return known
        with self._database.writing() as connection:
            connection.execute(delete(FOLLOWER).where(FOLLOWER.c.environment.not_in(list(environments))))
            for name in environments:
                fresh = {"environment": name, "cursor": last_on(connection)}
                connection.execute(insert_once(FOLLOWER, self._database.dialect), fresh)
            known = _known(connection)
            connection.commit()
        return known

    def move(self, environment: str, before: int, after: int) -> None:
        """Go on to a change, unless somebody else did."""
        with self._database.writing() as connection:
            moved(connection, environment, before, after)
            connection.commit()


def moved(connection: Connection, environment: str, before: int, after: int) -> bool:
    """Whether it went from one change to the other with this transaction: of any number, one does."""
    here = (FOLLOWER.c.environment == environment, FOLLOWER.c.cursor == before)
    gone = update(FOLLOWER).where(*here).values(cursor=after).returning(FOLLOWER.c.cursor)
    return connection.execute(gone).first() is not None


def _known(connection: Connection) -> dict[str, int]:
    return {
        row.environment: row.cursor for row in connection.execute(select(FOLLOWER.c.environment, FOLLOWER.c.cursor))
    }
