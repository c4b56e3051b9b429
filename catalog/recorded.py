"""Which digests do the rows have now that the chain has digests of?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from sqlalchemy import Connection, Select, Table, func, select

from catalog import feed, versions
from catalog.tables.decision import DecisionRow, PayloadRow
from catalog.tables.order import ChangeRow
from catalog.tables.product import PartRow, VersionRow
from catalog.tables.row import table_of

CHANGE, DECISION, PAYLOAD = table_of(ChangeRow), table_of(DecisionRow), table_of(PayloadRow)
VERSION, PART = table_of(VersionRow), table_of(PartRow)

Digests = dict[str, str]
"""Digests of rows by the name that the chain has for them."""


def changes(connection: Connection, names: Sequence[str]) -> Digests:
    rows = connection.execute(_wanted(CHANGE, "cursor", [int(name) for name in names])).mappings()
    return {str(row["cursor"]): feed.digest(dict(row)) for row in rows}


def decisions(connection: Connection, names: Sequence[str]) -> Digests:
    """An erased record has only the digest that it had; a stored one is digested again."""
    rows = connection.execute(_wanted(DECISION, "id", names)).mappings()
    return {row["id"]: row["record_digest"] if row["record"] is None else _sha256(row["record"]) for row in rows}


def accepted(connection: Connection, names: Sequence[str]) -> Digests:
    rows = connection.execute(_wanted(VERSION, "id", names)).mappings().all()
    parts: dict[str, list[str]] = {row["id"]: [] for row in rows}
    for part in connection.execute(_wanted(PART, "version_id", names).order_by(PART.c.position)).mappings():
        parts[part["version_id"]].append(_sha256(part["content"]))
    return {row["id"]: versions.digest(row, parts[row["id"]]) for row in rows}


KINDS: dict[str, tuple[Table, Callable[[Connection, Sequence[str]], Digests]]] = {
    "change": (CHANGE, changes),
    "decision": (DECISION, decisions),
    "version": (VERSION, accepted),
}


def count(connection: Connection, kind: str) -> int:
    """How many rows of this kind are stored."""
    return connection.execute(select(func.count()).select_from(KINDS[kind][0])).scalar_one()


def _wanted(table: Table, column: str, names: Sequence[str] | Sequence[int]) -> Select[tuple[object, ...]]:
    return select(table).where(table.c[column].in_(names))


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
