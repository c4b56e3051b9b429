"""Which workers are alive?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, text

from catalog import clock

RESCUE_LOCK = 0x6D657368
"""The key of the advisory lock that lets one rescuer work at a time on PostgreSQL."""

FROZEN_SECONDS = 5.0
"""A rescue takes less, or its worker is not worth waiting for."""


class Lease(NamedTuple):
    """What a worker said last; `expires_at` is in seconds since 1970, by the database's clock."""

    executor_id: str
    version: str
    expires_at: float
    alive: bool
    silent_seconds: float


class Leases:
    """The rows of `worker_lease`: a worker is alive while its lease, of so many seconds, has not run out."""

    def __init__(self, engine: Engine, *, seconds: float) -> None:
        self.seconds = seconds
        self._engine = engine
        self._now = clock.SECONDS[engine.dialect.name]

    def renew(self, executor_id: str, version: str) -> None:
        """Say that this worker, which carries out this version, lives for another `seconds`."""
        statement = f"""INSERT INTO worker_lease (executor_id, version, started_at, expires_at)
            VALUES (:id, :version, {self._now}, {self._now} + :seconds)
            ON CONFLICT (executor_id) DO UPDATE SET expires_at = excluded.expires_at"""  # noqa: S608 (our own clock)
        with self._engine.begin() as connection:
            connection.execute(text(statement), {"id": executor_id, "version": version, "seconds": self.seconds})

    def release(self, executor_id: str) -> None:
        """Say that this worker has ended; leases that ran out a day ago are forgotten on the way."""
        ended = f"UPDATE worker_lease SET expires_at = {self._now} WHERE executor_id = :id"  # noqa: S608 (our own clock)
        old = f"DELETE FROM worker_lease WHERE expires_at < {self._now} - 86400"  # noqa: S608 (our own clock)
        with self._engine.begin() as connection:
            connection.execute(text(ended), {"id": executor_id})
            connection.execute(text(old))

    def all(self) -> list[Lease]:
        """What every worker said last, those that ended or died within a day included."""
        statement = f"""SELECT executor_id, version, expires_at, {self._now} AS now
            FROM worker_lease ORDER BY executor_id"""  # noqa: S608 (our own clock)
        with self._engine.connect() as connection:
            return [self._lease(row) for row in connection.execute(text(statement))]

    def clock(self) -> float:
        """Seconds since 1970 by the database's clock."""
        with self._engine.connect() as connection:
            return float(connection.execute(text(f"SELECT {self._now}")).scalar_one())

    def _lease(self, row: Any) -> Lease:
        left = float(row.expires_at) - float(row.now)
        return Lease(row.executor_id, row.version, float(row.expires_at), left > 0, max(0.0, self.seconds - left))

    @contextmanager
    def exclusive(self) -> Iterator[bool]:
        """True for one rescuer at a time: on SQLite one process owns the file, on PostgreSQL an advisory lock."""
        if self._engine.dialect.name == "sqlite":
            yield True
            return
        with self._engine.connect() as connection:
            yield _locked(connection, max(self.seconds, FROZEN_SECONDS))


def _locked(connection: Connection, seconds: float) -> bool:
    """Whether we got the lock; it ends with the connection's transaction.

    The server ends that itself where nothing is heard for so long: a rescuer that was frozen must not keep it.
    """
    connection.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = {int(seconds * 1000)}"))
    return bool(connection.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": RESCUE_LOCK}).scalar())
