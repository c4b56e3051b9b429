"""From where does a product get its data, and who reads it, one step up and down?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Select

from catalog.among import among
from catalog.database import Database
from catalog.edges import READER, READING, SOURCE, resolved
from catalog.lineage.graph import Edge, Graph, Node
from catalog.lineage.readings import READ, SOURCE_FACTS, moment, one_each, readings
from catalog.products import Products
from catalog.shown import Product
from catalog.visible import visible
from engine.model import Principal

Step = tuple[Node, Edge]
"""A neighbour and the edge that leads to it."""


class Lineage:
    """Reads of lineage between the current versions of lines, now or as they were `at` a revision.

    Two statements for any number of lines.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._products = Products(database)
        self._up = lru_cache(maxsize=128)(readings)
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
        rows = one_each(self._rows(self._up(principal, at is not None), line_ids, at))
        return _grouped(line_ids, [(row.reader, (_source(row), _into(row))) for row in rows])

    def downstream(
        self, line_ids: Sequence[str], *, principal: Principal, at: int | None = None
    ) -> dict[str, tuple[Step, ...]]:
        """Which products read each of these lines, in the order of their fqn."""
        rows = self._rows(self._down(principal, at is not None), line_ids, at)
        return _grouped(line_ids, [(row.source_line_id, (_reader(row), _out_of(row))) for row in rows])

    def _rows(self, statement: Select[Any], line_ids: Sequence[str], at: int | None) -> Sequence[Any]:
        asked = {"lines": list(line_ids), **({} if at is None else {"at": at})}
        with self._database.reading() as connection:
            return connection.execute(statement, asked).all()


def node_of(product: Product) -> Node:
    """The node of a product."""
    return Node(product.id, "product", product.name, product.fqn, product.version, product.status, product.domain)


def _down(principal: Principal, past: bool) -> Select[Any]:
    reader = tuple(READER.c[name] for name in ("line_id", "fqn", "name", "version", "status", "domain"))
    wanted = among(SOURCE.c.line_id, "lines")
    statement = resolved(*READ, *reader, *SOURCE_FACTS, at=moment(past)).where(wanted)
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
