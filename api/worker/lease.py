"""Which workers are alive?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text

from catalog import clock

RESCUE_LOCK = 0x6D657368
"""The key of the advisory lock that lets one rescuer work at a time on PostgreSQL."""


class Leases:
    """The rows of `worker_lease`: a worker is alive while its lease has not run out."""

    def __init__(self, engine: Engine, *, seconds: float) -> None:
        self.seconds = seconds
        self._engine = engine
        self._now = clock.SECONDS[engine.dialect.name]

    def renew(self, executor_id: str) -> None:
        """Say that this worker lives for another `seconds`."""
        statement = f"""INSERT INTO worker_lease (executor_id, started_at, expires_at)
            VALUES (:id, {self._now}, {self._now} + :seconds)
            ON CONFLICT (executor_id) DO UPDATE SET expires_at = excluded.expires_at"""  # noqa: S608 (our own clock)
        with self._engine.begin() as connection:
            connection.execute(text(statement), {"id": executor_id, "seconds": self.seconds})

    def release(self, executor_id: str) -> None:
        """Say that this worker has ended; leases that ran out a day ago are forgotten on the way."""
        statement = f"DELETE FROM worker_lease WHERE executor_id = :id OR expires_at < {self._now} - 86400"  # noqa: S608
        with self._engine.begin() as connection:
            connection.execute(text(statement), {"id": executor_id})

    def alive(self) -> set[str]:
        """The executor ids whose lease still runs."""
        statement = f"SELECT executor_id FROM worker_lease WHERE expires_at > {self._now}"  # noqa: S608
        with self._engine.connect() as connection:
            return set(connection.execute(text(statement)).scalars())

    @contextmanager
    def exclusive(self) -> Iterator[bool]:
        """True for one rescuer at a time: on SQLite one process owns the file, on PostgreSQL an advisory lock."""
        if self._engine.dialect.name == "sqlite":
            yield True
            return
        with self._engine.connect() as connection:
            yield _locked(connection)


def _locked(connection: Connection) -> bool:
    """Whether we got the lock; it ends with the connection's transaction."""
    return bool(connection.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": RESCUE_LOCK}).scalar())
