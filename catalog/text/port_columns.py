"""Which columns do the ports of a version promise, as rows of the catalog and back?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select

from catalog.tables.mesh import ColumnRow
from catalog.tables.row import table_of
from catalog.text.words import column_names, tokens
from engine.descriptor.contracts.port_schemas import port_schemas
from engine.model import Column, Descriptor, Direction, PortSchema

COLUMN = table_of(ColumnRow)
#: of what is said of a column, this much is looked at when a hit tells why it matched
MOST_WORDS = 200
_FIELDS = ("dataset", "path", "type", "nullable", "description", "tags")
_STORED = select(COLUMN).where(COLUMN.c.version_id == bindparam("version")).order_by(COLUMN.c.position)


class PortColumn(NamedTuple):
    """One column and the port that promises it."""

    port_kind: str
    port: str
    column: Column


def of(descriptor: Descriptor) -> list[PortColumn]:
    """The columns of every port of a descriptor, in their order."""
    return of_schemas(port_schemas(descriptor))


def of_schemas(schemas: Sequence[PortSchema]) -> list[PortColumn]:
    """The columns that were understood of ports."""
    return [PortColumn(one.kind, one.port, column) for one in schemas for column in one.columns]


def rows(columns: Sequence[PortColumn]) -> list[dict[str, Any]]:
    """The rows to store, but for the keys of their version."""
    return [_row(one) for one in columns]


def stored(connection: Connection, version_id: str) -> list[Column]:
    """The columns of a stored version."""
    return [_column(row) for row in connection.execute(_STORED, {"version": version_id})]


def _row(one: PortColumn) -> dict[str, Any]:
    told = {name: getattr(one.column, name) for name in _FIELDS}
    where = {"port_kind": one.port_kind, "port": one.port, "direction": str(one.column.direction)}
    return {
        **told,
        **where,
        "words": _words([*column_names(one.column.path), *one.column.tags, one.column.description]),
    }


def _words(texts: Iterable[str]) -> str:
    found = dict.fromkeys(token for text in texts for token in tokens(text))
    return f" {' '.join(list(found)[:MOST_WORDS])} "


def _column(row: Any) -> Column:
    told = {name: getattr(row, name) for name in _FIELDS}
    return Column(**told, direction=Direction(row.direction))
