"""How is a DuckDB file of a container opened, looked at and changed?

One process and one thread at a time: a lock stands beside the file, because DuckDB itself refuses a second process. The
file is locked down: nothing in it reaches other files, the network or extensions.
"""

from __future__ import annotations

import fcntl
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from engine.provision.adapters.asked_tables import Column
from engine.provision.adapters.sql_names import Relation, container_name

LOCKED: Mapping[str, str] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "lock_configuration": "true",
    "threads": "1",
}

TYPES: Mapping[str, str] = {
    "text": "VARCHAR",
    "varchar": "VARCHAR",
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "real": "FLOAT",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "time": "TIME",
    "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMP WITH TIME ZONE",
    "uuid": "UUID",
    "json": "JSON",
    "binary": "BLOB",
}
UNSAFE = re.compile(r"[^A-Za-z0-9_-]")

MEMORY = """
CREATE SCHEMA IF NOT EXISTS meshgate;
CREATE TABLE IF NOT EXISTS meshgate.meshgate_upp (
  resource_id VARCHAR NOT NULL, highest BIGINT NOT NULL, schema_name VARCHAR NOT NULL, labels VARCHAR NOT NULL,
  made VARCHAR NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Row:
    """What is remembered of a resource: its labels (none where it was removed), and how it looked once made."""

    resource_id: str
    highest: int
    schema: str
    labels: Mapping[str, Any]
    made: str


def file_of(directory: Path, ref: Mapping[str, Any]) -> Path:
    """Where the container's file stands; only safe characters, so no name leads out. Raises Unreadable."""
    return directory / f"{UNSAFE.sub('_', container_name(ref))}.duckdb"


class DuckDbFile:
    """An open file; a context that waits for whoever has it open."""

    def __init__(self, place: Path, *, create: bool = False) -> None:
        self.place, self._create = place, create
        self._lock: IO[str]
        self._connection: Any

    def __enter__(self) -> DuckDbFile:
        if self._create:
            self.place.parent.mkdir(parents=True, exist_ok=True)
        self._lock = self.place.with_suffix(".lock").open("a")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            self._connection = self._opened()
        except BaseException:
            self._lock.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._connection.close()
        finally:
            self._lock.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._run("BEGIN")
        try:
            yield
        except BaseException:
            self._run("ROLLBACK")
            raise
        self._run("COMMIT")

    def row(self, resource_id: str) -> Row | None:
        return next((one for one in self.rows() if one.resource_id == resource_id), None)

    def rows(self) -> list[Row]:
        columns = "resource_id, highest, schema_name, labels, made"
        told = self._run(f"SELECT {columns} FROM meshgate.meshgate_upp ORDER BY resource_id")  # noqa: S608 (ours)
        return [Row(one[0], one[1], one[2], _labels(one[3]), one[4]) for one in told]

    def remember(self, row: Row) -> None:
        self._run("DELETE FROM meshgate.meshgate_upp WHERE resource_id = ?", row.resource_id)
        values = (row.resource_id, row.highest, row.schema, json.dumps(row.labels), row.made)
        self._run("INSERT INTO meshgate.meshgate_upp VALUES (?, ?, ?, ?, ?)", *values)

    def remember_made(self, resource_id: str, fingerprint: str) -> None:
        self._run("UPDATE meshgate.meshgate_upp SET made = ? WHERE resource_id = ?", fingerprint, resource_id)

    def has_schema(self, schema: str) -> bool:
        return bool(self._run("SELECT 1 FROM information_schema.schemata WHERE schema_name = ?", schema))

    def relations(self, schema: str) -> list[dict[str, Any]]:
        """Tables and views of a schema with their columns and texts, in the order of their names."""
        told = self._run(
            "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = ? ORDER BY ALL", schema
        )
        texts = dict(self._run("SELECT view_name, sql FROM duckdb_views() WHERE schema_name = ?", schema))
        columns = {name: self._columns(schema, name) for name, _ in told}
        return [{"name": n, "type": kind, "columns": columns[n], "sql": texts.get(n, "")} for n, kind in told]

    def has_data(self, schema: str) -> bool:
        tables = [one["name"] for one in self.relations(schema) if one["type"] == "BASE TABLE"]
        return any(not self._empty(schema, one) for one in tables)

    def make_schema(self, schema: str) -> None:
        self._run(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}")

    def drop_schema(self, schema: str) -> None:
        self._run(f"DROP SCHEMA IF EXISTS {quoted(schema)} CASCADE")

    def drop_views(self, schema: str, *, but: Sequence[str]) -> None:
        for one in self.relations(schema):
            if one["type"] == "VIEW" and one["name"] not in but:
                self._run(f"DROP VIEW {quoted(schema, one['name'])}")

    def drop_empty_tables(self, schema: str, *, but: Sequence[str]) -> None:
        """Drop what the port no longer describes, unless there is data in it."""
        for one in self.relations(schema):
            if one["type"] == "BASE TABLE" and one["name"] not in but and self._empty(schema, one["name"]):
                self._run(f"DROP TABLE {quoted(schema, one['name'])}")

    def make_table(self, schema: str, name: str, columns: Sequence[Column]) -> None:
        """The table with these columns; one that is empty is made anew, data stays and columns are added to it."""
        wanted = [(one.name, _type(one), "NO" if one.required else "YES") for one in columns]
        there = self._columns(schema, name)
        if there == wanted:
            return
        table = quoted(schema, name)
        if not there or self._empty(schema, name):
            told = ", ".join(f"{quoted(n)} {kind}{' NOT NULL' if null == 'NO' else ''}" for n, kind, null in wanted)
            self._run(f"DROP TABLE IF EXISTS {table}")
            self._run(f"CREATE TABLE {table} ({told})")
            return
        self._alter(table, {one[0]: one for one in there}, wanted)

    def make_view(self, schema: str, relation: Relation, columns: Sequence[Column]) -> None:
        told = ", ".join(quoted(one.name) for one in columns)
        view, table = quoted(schema, relation.view), quoted(schema, relation.table)
        self._run(f"CREATE OR REPLACE VIEW {view} AS SELECT {told} FROM {table}")  # noqa: S608 (quoted)

    def _alter(self, table: str, there: Mapping[str, Any], wanted: Sequence[tuple[str, str, str]]) -> None:
        names = {name for name, _, _ in wanted}
        kept = [(name, kind, "YES") for name, (_, kind, _) in there.items() if name not in names]
        for name, kind, null in [*wanted, *kept]:
            before = there.get(name)
            column = quoted(name)
            if before is None:
                self._run(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
            elif before[1] != kind:
                self._run(f"ALTER TABLE {table} ALTER COLUMN {column} SET DATA TYPE {kind}")
            if null != (before[2] if before else "YES"):
                self._run(f"ALTER TABLE {table} ALTER COLUMN {column} {'SET' if null == 'NO' else 'DROP'} NOT NULL")

    def _columns(self, schema: str, name: str) -> list[tuple[str, str, str]]:
        return self._run(
            "SELECT column_name, data_type, is_nullable FROM information_schema.columns "
            "WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position",
            schema,
            name,
        )

    def _empty(self, schema: str, name: str) -> bool:
        return not self._run(f"SELECT 1 FROM {quoted(schema, name)} LIMIT 1")  # noqa: S608 (quoted)

    def _run(self, sql: str, *values: Any) -> list[Any]:
        found: list[Any] = self._connection.execute(sql, list(values)).fetchall()
        return found

    def _opened(self) -> Any:
        """The connection; a file that is not there is made beside its place first, so that none is half made."""
        import duckdb

        if self.place.is_symlink():
            raise OSError(0, f"{self.place.name} is a symbolic link")
        if not self.place.exists() and self._create:
            draft = self.place.with_suffix(".making")
            for left in (draft, draft.with_name(draft.name + ".wal")):  # what a killed worker left
                left.unlink(missing_ok=True)
            with duckdb.connect(str(draft), config=dict(LOCKED)) as connection:
                connection.execute(MEMORY)
            draft.rename(self.place)
        return duckdb.connect(str(self.place), config=dict(LOCKED))


def quoted(*names: str) -> str:
    """The name, or the path of names, as an identifier in SQL, whatever is in it."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def _type(column: Column) -> str:
    if column.kind == "numeric":
        precision, scale = (*column.sizes, 0)[:2] if column.sizes else (18, 3)
        return f"DECIMAL({precision},{scale})"
    return TYPES[column.kind]


def _labels(text: str) -> Mapping[str, Any]:
    """The labels; damaged ones read as none, which shows as drift."""
    try:
        told = json.loads(text)
    except ValueError:
        return {}
    whole = isinstance(told, dict) and isinstance(told.get("generation"), int) and "container_id" in told
    return told if whole and "resource_id" in told else {}
