"""From where does a product get its data, and who reads it, one step up and down?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, select

from catalog.database import Database
from catalog.edges import OUTPUT, READER, READING, SOURCE, live, meant_by_reading, named, output_of, resolved
from catalog.products import Products
from catalog.shown import Product
from catalog.visible import visible
from engine.model import Principal


class Node(NamedTuple):
    """A product, a reference to a port that nobody offers, or an external system.

    `kind` is `product`, `dangling` or `external`; `id` is the line's id or the reference as written; `name` what to
    show. Only products have an fqn, a version, a status and a domain.
    """

    id: str
    kind: str
    name: str
    fqn: str = ""
    version: str = ""
    status: str = ""
    domain: str = ""


class Edge(NamedTuple):
    """Data flows from `source` to `target` (node ids), out of an output port into an input port."""

    source: str
    target: str
    output_port: str
    input_port: str


class Graph(NamedTuple):
    """Nodes, each once, and the edges between them; `root` is the node that was asked for."""

    root: Node
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


Step = tuple[Node, Edge]
"""A neighbour and the edge that leads to it."""

_SOURCE = tuple(
    SOURCE.c[name].label(f"source_{name}") for name in ("line_id", "fqn", "name", "version", "status", "domain")
)
_READING = (READING.c.input_port, READING.c.target, READING.c.kind, READING.c.port_name)


class Lineage:
    """Reads of lineage between the current versions of lines, now or as they were `at` a revision.

    Two statements for any number of lines.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._products = Products(database)
        self._up = lru_cache(maxsize=128)(_up)
        self._down = lru_cache(maxsize=128)(_down)

    def around(
        self, reference: str, *, principal: Principal, port: str | None = None, at: int | None = None
    ) -> Graph | None:
        """One step up and down from a line, or only through the port of that name; None when there is no such line."""
        product = self._products.find(reference, principal=principal, at=at)
        if product is None:
            return None
        root = node_of(product)
        up = self.upstream([product.id], principal=principal, at=at)[product.id]
        down = self.downstream([product.id], principal=principal, at=at)[product.id]
        steps = [step for step in up if port in (None, step[1].input_port)]
        steps += [step for step in down if port in (None, step[1].output_port)]
        nodes = {node.id: node for node in (root, *(node for node, _ in steps))}
        return Graph(root, tuple(nodes.values()), tuple(dict.fromkeys(edge for _, edge in steps)))

    def upstream(
        self, line_ids: Sequence[str], *, principal: Principal, at: int | None = None
    ) -> dict[str, tuple[Step, ...]]:
        """What each of these lines reads, in the order of its descriptor; what is hidden looks dangling."""
        rows = _resolved(self._rows(self._up(principal, at), line_ids))
        return _grouped(line_ids, [(row.reader, (_source(row), _into(row))) for row in rows])

    def downstream(
        self, line_ids: Sequence[str], *, principal: Principal, at: int | None = None
    ) -> dict[str, tuple[Step, ...]]:
        """Which products read each of these lines, in the order of their fqn."""
        rows = self._rows(self._down(principal, at), line_ids)
        return _grouped(line_ids, [(row.source_line_id, (_reader(row), _out_of(row))) for row in rows])

    def _rows(self, statement: Select[Any], line_ids: Sequence[str]) -> Sequence[Any]:
        with self._database.reading() as connection:
            return connection.execute(statement, {"lines": list(line_ids)}).all()


def node_of(product: Product) -> Node:
    """The node of a product."""
    return Node(product.id, "product", product.name, product.fqn, product.version, product.status, product.domain)


def _up(principal: Principal, at: int | None) -> Select[Any]:
    """Two plain outer joins, so that each is a look-up; a reading may give several rows, `_resolved` picks one."""
    seen = and_(live(SOURCE, at), meant_by_reading(at), visible(principal, SOURCE.c.domain))
    statement = select(READER.c.line_id.label("reader"), READING.c.position, OUTPUT.c.name.label("output"), *_READING)
    statement = statement.add_columns(*_SOURCE).select_from(READER)
    statement = statement.join(READING, READING.c.version_id == READER.c.version_id).outerjoin(SOURCE, seen)
    statement = statement.outerjoin(OUTPUT, and_(output_of(SOURCE, OUTPUT), named(OUTPUT)))
    wanted = READER.c.line_id.in_(bindparam("lines", expanding=True))
    statement = statement.where(wanted, live(READER, at), visible(principal, READER.c.domain))
    return statement.order_by(READER.c.fqn, READING.c.position)


def _resolved(rows: Sequence[Any]) -> list[Any]:
    """One row for each reading: the one whose line offers the port, where there is one."""
    best: dict[tuple[str, int], Any] = {}
    for row in rows:
        key = (row.reader, row.position)
        if key not in best or row.output is not None:
            best[key] = row
    return list(best.values())


def _down(principal: Principal, at: int | None) -> Select[Any]:
    reader = tuple(READER.c[name] for name in ("line_id", "fqn", "name", "version", "status", "domain"))
    wanted = SOURCE.c.line_id.in_(bindparam("lines", expanding=True))
    statement = resolved(*_READING, *reader, *_SOURCE, at=at).where(wanted)
    both = (visible(principal, listing.c.domain) for listing in (READER, SOURCE))
    return statement.where(*both).order_by(READER.c.fqn, READING.c.position)


def _source(row: Any) -> Node:
    if row.output is not None:
        told = (row.source_name, row.source_fqn, row.source_version, row.source_status, row.source_domain)
        return Node(row.source_line_id, "product", *told)
    return Node(row.target, "external" if row.kind == "external" else "dangling", row.target)


def _into(row: Any) -> Edge:
    source = row.target if row.output is None else row.source_line_id
    return Edge(source, row.reader, row.port_name, row.input_port)


def _reader(row: Any) -> Node:
    return Node(row.line_id, "product", row.name, row.fqn, row.version, row.status, row.domain)


def _out_of(row: Any) -> Edge:
    return Edge(row.source_line_id, row.line_id, row.port_name, row.input_port)


def _grouped(line_ids: Sequence[str], steps: Sequence[tuple[str, Step]]) -> dict[str, tuple[Step, ...]]:
    grouped: dict[str, list[Step]] = {one: [] for one in line_ids}
    for line_id, step in steps:
        grouped[line_id].append(step)
    return {line_id: tuple(found) for line_id, found in grouped.items()}
