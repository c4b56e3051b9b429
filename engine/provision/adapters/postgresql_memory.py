"""What does a database remember of the resources that were made in it, and how is it spoken to?

`meshgate.meshgate_upp` changes in the transaction that changes the thing, so neither can be ahead of the other. It
keeps a row for what is gone, with the highest generation that was asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, LiteralString

SETTINGS: LiteralString = (
    "SET LOCAL search_path = pg_catalog; SET LOCAL lock_timeout = '20s'; SET LOCAL statement_timeout = '60s';"
    "SET LOCAL client_min_messages = 'error'"
)
MEMORY: LiteralString = """
CREATE SCHEMA IF NOT EXISTS meshgate;
CREATE TABLE IF NOT EXISTS meshgate.meshgate_upp (
  resource_id uuid PRIMARY KEY, highest bigint NOT NULL, schema_name text NOT NULL, role_name text NOT NULL,
  labels jsonb NOT NULL, names jsonb NOT NULL, members jsonb NOT NULL, made text NOT NULL);
"""
KEY = 0x6D657368
"""Of the advisory lock under which the memory is made."""


@dataclass(frozen=True, slots=True)
class Row:
    """A resource: `role` is empty for a storage, `labels` where it was removed; `made` is how it looked once made."""

    resource_id: str
    highest: int
    schema: str
    role: str
    labels: Mapping[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    made: str = ""


class Database:
    """One connection, in one transaction."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.name = str(connection.info.dbname)
        self.version = int(connection.info.server_version)

    def run(self, statement: LiteralString, *values: Any, **names: str) -> list[Any]:
        """The rows; `{name}` in the statement becomes the quoted identifier, or a quoted text where it is `text_…`."""
        from psycopg import sql

        kinds = {True: sql.Literal, False: sql.Identifier}
        parts = {key: kinds[key.startswith("text_")](one) for key, one in names.items()}
        cursor = self.connection.execute(sql.SQL(statement).format(**parts) if names else statement, values or None)
        found: list[Any] = cursor.fetchall() if cursor.description else []
        return found

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part that can fail without taking the whole with it."""
        with self.connection.transaction():
            yield

    def lock(self, schema: str) -> None:
        """Wait until nobody else changes the container; held to the end of the transaction."""
        self.run("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", f"meshgate:{schema}")

    def remembers(self) -> bool:
        return self.run("SELECT to_regclass('meshgate.meshgate_upp')")[0][0] is not None

    def make_memory(self) -> None:
        if not self.remembers():
            self.run("SELECT pg_advisory_xact_lock(%s)", KEY)
            self.run(MEMORY)

    def rows(self) -> list[Row]:
        if not self.remembers():
            return []
        told = self.run(
            "SELECT resource_id::text, highest, schema_name, role_name, labels, names, members, made "
            "FROM meshgate.meshgate_upp ORDER BY 1"
        )
        return [
            Row(key, highest, schema, role, labels, tuple(names), tuple(members), made)
            for key, highest, schema, role, labels, names, members, made in told
        ]

    def row(self, resource_id: str) -> Row | None:
        return next((one for one in self.rows() if one.resource_id == resource_id), None)

    def remember(self, row: Row) -> None:
        values = [row.highest, row.schema, row.role, *map(json.dumps, (row.labels, row.names, row.members)), row.made]
        self.run(
            "INSERT INTO meshgate.meshgate_upp VALUES (%s, %s, %s, %s, %s, %s, %s, %s) "
            "ON CONFLICT (resource_id) DO UPDATE SET highest = excluded.highest, schema_name = excluded.schema_name, "
            "role_name = excluded.role_name, labels = excluded.labels, names = excluded.names, "
            "members = excluded.members, made = excluded.made",
            row.resource_id,
            *values,
        )


def trusted(text: str) -> LiteralString:
    """A piece of SQL from a closed set of ours, such as the name of a type; never something that was told."""
    return text
