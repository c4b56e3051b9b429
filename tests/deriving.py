"""Products whose columns say from which others they are derived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from remembered import accept, identity

from catalog.database import Database

Columns = Mapping[str, Any]
"""Columns by name, each with what it is derived from (`x-derivedFrom`), None where nothing is said."""


def of(name: str, port: str = "placed") -> str:
    """The fqn of an output port."""
    return f"{identity(name).fqn}:outputports:{port}"


def listed(columns: Columns) -> list[dict[str, Any]]:
    """The columns as a Data Store API lists them."""
    return [
        {"name": name, "type": "string", **({} if said is None else {"x-derivedFrom": said})}
        for name, said in columns.items()
    ]


def put(database: Database, name: str, columns: Columns, reads: Sequence[tuple[str, str]] = (), **more: Any) -> str:
    """Store a product with these columns in its port `placed`; its fqn."""
    accept(database, name=name, columns={"placed": listed(columns)}, reads=reads, **more)
    return identity(name).fqn


def sold(database: Database) -> None:
    """raw → orders → revenue, by columns; board reads orders and says nothing of columns; apart reads raw."""
    put(database, "raw", {"id": None, "cents": None, "note": None})
    put(database, "orders", {"id": "in#id", "amount": {"port": of("raw"), "column": "cents", "how": "/ 100"}},
        reads=[("in", of("raw"))])  # fmt: skip
    put(database, "revenue", {"total": [f"{of('orders')}#amount"], "rate": "in#gone"}, reads=[("in", of("orders"))])
    put(database, "board", {"shown": None}, reads=[("in", of("orders"))], domain="finance")
    put(database, "apart", {"text": "in#note", "far": "crm#name"}, reads=[("in", of("raw")), ("crm", "CRM")])
