"""Whom does a callback wake, and did it come before?

An address is given out for each call that may go on. Of what makes it unguessable only a hash is kept, so that nobody
who reads the database can call back. Nothing here is a fact of the mesh, so nothing here makes a revision.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import NamedTuple

from sqlalchemy import delete, insert, select, update

from catalog import clock, turns
from catalog.database import Database
from catalog.once import insert_once
from catalog.tables.callback import CallbackRow, CallbackSeenRow
from catalog.tables.row import table_of
from engine.model import Json

CALLBACK, SEEN = table_of(CallbackRow), table_of(CallbackSeenRow)

SEEN_SECONDS = 3600.0
"""How long it is remembered that a message came: much longer than its signature is accepted."""


class Awaited(NamedTuple):
    """An address that was given out: whom it wakes, and the reference of what its callbacks are signed with."""

    token_hash: str
    deployment_id: str
    secret: str


class Callbacks:
    """The addresses that were given out, by the database's clock."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._now = clock.seconds(database.dialect)

    def offer(self, deployment_id: str, resource_id: str, generation: int, *, secret: str, seconds: float) -> str:
        """The unguessable end of a new address, good for so many seconds; those that are over are forgotten."""
        token = secrets.token_urlsafe(32)
        row = {
            "token_hash": hashed(token),
            "deployment_id": deployment_id,
            "resource_id": resource_id,
            "generation": generation,
            "secret": secret,
        }
        with self._database.writing() as connection:
            connection.execute(delete(CALLBACK).where(CALLBACK.c.expires_at <= self._now))
            connection.execute(insert(CALLBACK).values(**row, expires_at=self._now + seconds))
            connection.commit()
        return token

    def awaited(self, token: str) -> Awaited | None:
        """Whom this address wakes; None where it was not given out, or is over."""
        columns = [CALLBACK.c[name] for name in Awaited._fields]
        found = select(*columns).where(CALLBACK.c.token_hash == hashed(token), CALLBACK.c.expires_at > self._now)
        with self._database.reading() as connection:
            row = connection.execute(found).one_or_none()
        return None if row is None else Awaited._make(row)

    def hear(self, awaited: Awaited, message: str, *, told: Json = None) -> bool:
        """Wake the deployment, unless this message came before: nothing else changes. Whether it woke it.

        What is `told` is kept where it is the first, for an adapter that can ask nobody.
        """
        key = {"token_hash": awaited.token_hash, "message_hash": hashed(message)}
        with self._database.writing() as connection:
            connection.execute(delete(SEEN).where(SEEN.c.expires_at <= self._now))
            entered = insert_once(SEEN, self._database.dialect).values(**key, expires_at=self._now + SEEN_SECONDS)
            new = connection.execute(entered.returning(SEEN.c.token_hash)).first() is not None
            if new and told is not None:
                mine = (CALLBACK.c.token_hash == awaited.token_hash, CALLBACK.c.told.is_(None))
                connection.execute(update(CALLBACK).where(*mine).values(told=told))
            if new:
                turns.signal(connection, awaited.deployment_id)
            connection.commit()
        return new

    def told(self, resource_id: str, generation: int) -> Json:
        """What the first callback without a signature told of this generation of a resource; None where none came."""
        mine = (
            CALLBACK.c.resource_id == resource_id,
            CALLBACK.c.generation == generation,
            CALLBACK.c.told.is_not(None),
        )
        with self._database.reading() as connection:
            return connection.execute(select(CALLBACK.c.told).where(*mine).order_by(CALLBACK.c.expires_at)).scalar()


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
