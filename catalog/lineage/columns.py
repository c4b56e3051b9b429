"""Which columns of some products are derived from which, as their authors declare?

A derivation names a column of a port. It leads on where an input port of the product reads that port (or the port is
its own) and that port promises such a column; otherwise it ends in a dangling reference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, select

from catalog.among import among
from catalog.lineage.flow import Flow, effective, outside
from catalog.lineage.graph import Link, Vertex
from catalog.tables.mesh import ColumnRow
from catalog.tables.row import table_of
from engine.descriptor.contracts.derivation import Derivation, derivations, may_derive
from engine.descriptor.identity import ParsedFqn, parse_fqn

COLUMN = table_of(ColumnRow)
_PROMISED = (
    select(COLUMN.c.version_id, COLUMN.c.port, COLUMN.c.dataset, COLUMN.c.path)
    .where(among(COLUMN.c.version_id, "versions"), COLUMN.c.port_kind == "outputport")
    .order_by(COLUMN.c.version_id, COLUMN.c.position)
)


class Promised:
    """The columns that output ports of lines promise; a column is named by its path or by `dataset.path`."""

    def __init__(self, connection: Connection, products: Mapping[str, Vertex]) -> None:
        by_version = {vertex.version_id: line for line, vertex in products.items()}
        self._names: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        for row in connection.execute(_PROMISED, {"versions": list(by_version)}):
            full = f"{row.dataset}.{row.path}" if row.dataset else row.path
            names = self._names[by_version[row.version_id], row.port]
            names[full] = full
            names.setdefault(row.path, full)

    def named(self, line: str, port: str, column: str) -> str | None:
        """The full name of a column, None where the port promises none of that name."""
        return self._names.get((line, port), {}).get(column)

    def of(self, line: str, port: str = "") -> Iterator[tuple[str, str]]:
        """Port and full name of every column of a line, or of one of its ports."""
        for (of, name), names in self._names.items():
            if of == line and port in ("", name):
                yield from ((name, one) for one in dict.fromkeys(names.values()))


class Source(NamedTuple):
    """What a derivation names: an output port of a line, or else what stands outside."""

    line: Vertex | None
    port: str
    outside: Vertex


def column_of(line: Vertex, port: str, column: str) -> Vertex:
    """The vertex of a column of an output port."""
    return line._replace(id=f"{line.line_id}/output_port/{port}#{column}", kind="column", port=port, column=column)


def of_columns(
    connection: Connection, products: Mapping[str, Vertex], rows: Sequence[Any], begun: Iterable[str]
) -> tuple[Flow, Promised]:
    """The flow between columns, and what ports promise; two statements.

    `begun` are the lines that a walk begins at: all of their columns are vertices.
    """
    flow, read = Flow(), defaultdict(list)
    for row in rows:
        read[row.reader].append(row)
    declared = {
        line: derivations(orjson.loads(content))
        for line, content in effective(connection, products)
        if may_derive(content)
    }
    sources = {row.source_line_id for line in declared for row in read[line] if row.output is not None}
    known = {line: products[line] for line in (*declared, *sources, *begun) if line in products}
    promised = Promised(connection, known)
    for line in begun:
        for port, column in promised.of(line):
            flow.add(column_of(products[line], port, column))
    for line, found in declared.items():
        for one in found:
            _link(flow, products, promised, products[line], one, read[line])
    return flow, promised


def _link(
    flow: Flow, products: Mapping[str, Vertex], promised: Promised, line: Vertex, one: Derivation, read: list[Any]
) -> None:
    made = promised.named(line.line_id, one.port, one.column)
    if made is None:
        return  # the port promises no such column: nothing is made
    target = flow.add(column_of(line, one.port, made))
    for source in _sources(products, line, one, read):
        vertex = _column(products, promised, source, one)
        if vertex.line_id in products or not vertex.line_id:
            flow.add(vertex)
        flow.links.append(Link(vertex.id, target, "derives", source.port, how=one.how))


def _column(products: Mapping[str, Vertex], promised: Promised, source: Source, one: Derivation) -> Vertex:
    """The column that is named, also beyond the products in sight, where what is promised is not known."""
    line, column = source.line, one.source_column
    if line is None:
        return _dangling(source.outside, column)
    name = promised.named(line.line_id, source.port, column) if line.line_id in products else column
    if name is None:
        return _dangling(Vertex("", "dangling", "", f"{line.fqn}:outputports:{source.port}"), column)
    return column_of(line, source.port, name)


def _dangling(holder: Vertex, column: str) -> Vertex:
    kind = holder.kind
    return Vertex(f"{kind}:{holder.name}#{column}", kind, "", f"{holder.name}#{column}")


def _sources(products: Mapping[str, Vertex], line: Vertex, one: Derivation, read: list[Any]) -> list[Source]:
    """What the reference of a derivation means; one input port may read several ports."""
    parsed = parse_fqn(one.source)
    mine = parse_fqn(line.fqn)
    if parsed is None:
        through = [row for row in read if row.input_port == one.source]
    elif mine is not None and (parsed.namespace, parsed.name) == (mine.namespace, mine.name):
        if parsed.collection == "outputports" and parsed.component:
            return [Source(line, parsed.component, line)]
        through = [row for row in read if parsed.collection == "inputports" and row.input_port == parsed.component]
    else:
        through = [row for row in read if _same(parsed, parse_fqn(row.target))]
    unread = Vertex("", "dangling", "", one.source)
    return [_read(products, row) for row in through] or [Source(None, "", unread)]


def _same(one: ParsedFqn, other: ParsedFqn | None) -> bool:
    """Whether two references name one output port; a major that one of them leaves open is no difference."""
    if other is None or (None not in (one.major, other.major) and one.major != other.major):
        return False
    return all(getattr(one, name) == getattr(other, name) for name in ("namespace", "name", "collection", "component"))


def _read(products: Mapping[str, Vertex], row: Any) -> Source:
    if row.output is None:
        return Source(None, row.port_name, outside(row))
    line = products.get(row.source_line_id) or Vertex(row.source_line_id, "product", row.source_line_id, "")
    return Source(line, row.output, line)
