"""How do many writes whose results nobody needs go to the store together?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Executable, Insert
from sqlalchemy.exc import DBAPIError

Rows = Sequence[Mapping[str, Any]] | Mapping[str, Any]


class Waiting:
    """Writes of one unit of work in their order; the sooner of a read and the commit sends them.

    PostgreSQL is sent all of them before it answers the first (a pipeline of the driver), because otherwise most of
    the time of a submission is spent on the way there and back. A broken constraint shows when they are sent.
    """

    def __init__(self) -> None:
        self._writes: list[tuple[Executable, Rows | None]] = []

    def add(self, statement: Executable, rows: Rows | None = None) -> None:
        # inline: SQLAlchemy would else ask for the keys that the store made, which is a result to wait for
        self._writes.append((statement.inline() if isinstance(statement, Insert) else statement, rows))

    def send(self, connection: Connection) -> None:
        writes, self._writes = self._writes, []
        if len(writes) < 2 or connection.dialect.name != "postgresql":
            _sent(connection, writes)
            return
        with _pipeline(connection):
            _sent(connection, writes)


def _sent(connection: Connection, writes: Sequence[tuple[Executable, Rows | None]]) -> None:
    for statement, rows in writes:
        connection.execute(statement, rows)


@contextmanager
def _pipeline(connection: Connection) -> Iterator[None]:
    """psycopg's pipeline; faults that are told only at its end become SQLAlchemy's as all others do."""
    import psycopg

    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    try:
        with driver.pipeline():
            yield
    except psycopg.Error as fault:
        raise DBAPIError.instance(
            None, None, fault, psycopg.Error, hide_parameters=True, dialect=connection.dialect
        ) from fault
