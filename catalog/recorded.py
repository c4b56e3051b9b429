"""Which digests do the rows have now that the chain has digests of?"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, LargeBinary, Select, Table, select, type_coerce

from catalog import decisions as logged
from catalog import feed, samples, versions
from catalog.tables.columns import PackedBytes
from catalog.tables.decision import DecisionRow
from catalog.tables.order import ChangeRow
from catalog.tables.product import PartRow, VersionRow
from catalog.tables.release import BundleReleaseRow
from catalog.tables.row import table_of
from catalog.tables.sample import SampleRow

CHANGE, DECISION = table_of(ChangeRow), table_of(DecisionRow)
RELEASE = table_of(BundleReleaseRow)
SAMPLE = table_of(SampleRow)
VERSION, PART = table_of(VersionRow), table_of(PartRow)

Digests = dict[str, str]
"""Digests of rows by the name that the chain has for them."""


def changes(connection: Connection, names: Sequence[str]) -> Digests:
    rows = connection.execute(_wanted(CHANGE, "cursor", [int(name) for name in names])).mappings()
    return {str(row["cursor"]): feed.digest(dict(row)) for row in rows}


def decisions(connection: Connection, names: Sequence[str]) -> Digests:
    """An erased record has only the digest that it had; a stored one is digested again."""
    rows = connection.execute(_wanted(DECISION, "id", names)).mappings()
    return {row["id"]: logged.digest({**row, "record_digest": _record_digest(row)}) for row in rows}


def accepted(connection: Connection, names: Sequence[str]) -> Digests:
    rows = connection.execute(_wanted(VERSION, "id", names)).mappings().all()
    parts: dict[str, list[str]] = {row["id"]: [] for row in rows}
    for part in connection.execute(_wanted(PART, "version_id", names).order_by(PART.c.position)).mappings():
        parts[part["version_id"]].append(_sha256(unpacked(part["content"])))
    return {
        row["id"]: versions.digest({**row, "effective": unpacked(row["effective"])}, parts[row["id"]]) for row in rows
    }


def releases(connection: Connection, names: Sequence[str]) -> Digests:
    rows = connection.execute(_wanted(RELEASE, "number", [int(name) for name in names])).mappings()
    return {str(row["number"]): _sha256(row["content"]) for row in rows}


def shown(connection: Connection, names: Sequence[str]) -> Digests:
    rows = connection.execute(_wanted(SAMPLE, "id", names)).mappings()
    return {
        row["id"]: samples.digest({**row, **{name: list(row[name]) for name in ("roles", "columns")}}) for row in rows
    }


KINDS: dict[str, tuple[Column[Any], Callable[[Connection, Sequence[str]], Digests]]] = {
    "change": (CHANGE.c.cursor, changes),
    "decision": (DECISION.c.id, decisions),
    "release": (RELEASE.c.number, releases),
    "sample": (SAMPLE.c.id, shown),
    "version": (VERSION.c.id, accepted),
}
"""For each kind of thing in the chain: the column with its name there, and what digests it."""


def names(connection: Connection, kind: str, *, after: int, until: int | None) -> dict[str, int]:
    """The revisions of this kind's rows that say they were made after one revision and until another (None: ever)."""
    name = KINDS[kind][0]
    made = name.table.c.from_revision
    found = select(name, made).where(made > after, *(() if until is None else (made <= until,)))
    return {str(row[0]): row[1] for row in connection.execute(found)}


def unpacked(content: bytes) -> bytes:
    """The stored bytes; those that cannot be unpacked any more are nobody's."""
    try:
        return zlib.decompress(content)
    except zlib.error:
        return b""


def as_kept(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column as it is kept: a damaged one must be told, not break the reading of all others."""
    named = isinstance(column, Column) and isinstance(column.type, PackedBytes)
    return type_coerce(column, LargeBinary).label(column.key) if named else column


def _wanted(table: Table, column: str, names: Sequence[str] | Sequence[int]) -> Select[tuple[object, ...]]:
    return select(*map(as_kept, table.c)).where(table.c[column].in_(names))


def _record_digest(row: Any) -> str:
    return row["record_digest"] if row["record"] is None else _sha256(unpacked(row["record"]))


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
