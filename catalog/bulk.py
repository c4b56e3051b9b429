"""How do very many rows get into a store quickly?

PostgreSQL takes them by COPY, SQLite by one statement for many rows. Values pass the same types as everywhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError

from catalog.tables.columns import PlainText

Processor = Callable[[Any], Any]


class Bulk:
    """Rows that wait for their store, table by table; `flush` sends them in the order in which tables are named."""

    def __init__(self, connection: Connection, tables: Sequence[Table]) -> None:
        self._connection = connection
        self._into = {table: _Into(connection, table) for table in tables}

    def add(self, table: Table, row: Mapping[str, Any]) -> None:
        """Keep a row until the next flush; columns that it does not name are left to the store."""
        self._into[table].add(row)

    def flush(self) -> None:
        for into in self._into.values():
            into.send(self._connection)


class _Into:
    """The rows of one table; all have the columns of the first."""

    def __init__(self, connection: Connection, table: Table) -> None:
        self._table, self._dialect = table, connection.dialect
        self._columns: list[str] = []
        self._processors: list[tuple[int, Processor]] = []
        self._rows: list[tuple[Any, ...]] = []

    def add(self, row: Mapping[str, Any]) -> None:
        if not self._columns:
            self._columns = list(row)
            found = enumerate(map(self._processor, row))
            self._processors = [(place, one) for place, one in found if one is not None]
        values = [row[name] for name in self._columns]
        for place, process in self._processors:
            values[place] = process(values[place])
        self._rows.append(tuple(values))

    def send(self, connection: Connection) -> None:
        rows, self._rows = self._rows, []
        sent(connection, self._table.name, self._columns, rows)

    def _processor(self, name: str) -> Processor | None:
        kind = self._table.c[name].type
        if isinstance(kind, PlainText):  # by far the most: asked without the detour over the store's own type
            return _plain
        return kind.dialect_impl(self._dialect).bind_processor(self._dialect)


def _plain(value: str | None) -> str | None:
    return PlainText.kept(value) if value is not None and "\0" in value else value


def sent(connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Put these rows into a table."""
    if not rows:
        return
    quoted = ", ".join(f'"{name}"' for name in columns)  # our own names, never somebody's text
    if connection.dialect.name != "postgresql":
        places = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f'INSERT INTO "{table}" ({quoted}) VALUES ({places})', list(rows))  # noqa: S608
        return
    import psycopg

    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    copied = f'COPY "{table}" ({quoted}) FROM STDIN'.encode()
    with _as_ours(connection), driver.cursor() as cursor, cursor.copy(copied) as copy:
        for row in rows:
            copy.write_row(row)


@contextmanager
def _as_ours(connection: Connection) -> Iterator[None]:
    """Faults of the driver as SQLAlchemy's, as everywhere else."""
    import psycopg

    try:
        yield
    except psycopg.Error as fault:
        raise DBAPIError.instance(
            None, None, fault, psycopg.Error, hide_parameters=True, dialect=connection.dialect
        ) from fault
