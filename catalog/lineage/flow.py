"""What are the vertices and links of some products, at the level of products and of ports?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import Connection, select

from catalog.among import among
from catalog.lineage.graph import Link, Vertex
from catalog.lineage.readings import FACTS
from catalog.products import PORT, VERSION
from engine.descriptor.wiring import wires

MOST_WIRES = 10_000
"""Wires between the ports of one product that are looked at."""
_KINDS = {"inputport": "input_port", "outputport": "output_port"}
_WIRED = (b'"consumesFrom"', b'"providesTo"')
_PORTS = (
    select(PORT.c.version_id, PORT.c.kind, PORT.c.name)
    .where(among(PORT.c.version_id, "versions"), PORT.c.kind.in_(list(_KINDS)))
    .order_by(PORT.c.version_id, PORT.c.position)
)
_EFFECTIVE = select(VERSION.c.id, VERSION.c.effective).where(among(VERSION.c.id, "versions"))


@dataclass
class Flow:
    """Vertices by their id, and the links between them; a link may lead to what lies beyond the vertices."""

    vertices: dict[str, Vertex] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    #: whether a bound left something out of the links
    cut: bool = False

    def add(self, vertex: Vertex) -> str:
        """Note a vertex, and give its id."""
        self.vertices.setdefault(vertex.id, vertex)
        return vertex.id


def product(row: Sequence[Any]) -> Vertex:
    """The vertex of a product from a row that ends with its facts (`catalog.lineage.readings.FACTS`)."""
    facts = row[-len(FACTS) :]
    return Vertex(facts[0], "product", *facts)


def outside(row: Any) -> Vertex:
    """The vertex of a reading that means no port of the mesh."""
    kind = "external" if row.kind == "external" else "dangling"
    return Vertex(f"{kind}:{row.target}", kind, "", row.target)


def of_products(products: Mapping[str, Vertex], rows: Iterable[Any]) -> Flow:
    """The flow between products: a link for every reading of one of them."""
    flow = Flow(dict(products))
    for row in rows:
        source = row.source_line_id if row.output is not None else flow.add(outside(row))
        flow.links.append(Link(source, row.reader, "reads", row.port_name, row.input_port))
    return flow


def port_of(line: Vertex, kind: str, name: str) -> Vertex:
    """The vertex of an input or output port of a product."""
    return line._replace(id=f"{line.line_id}/{kind}/{name}", kind=kind, port=name)


def of_ports(connection: Connection, products: Mapping[str, Vertex], rows: Sequence[Any]) -> Flow:
    """The flow between the ports of products, and inside these from input to output ports; two statements."""
    flow, named = Flow(), _named(connection, products)
    for row in rows:
        entered = flow.add(port_of(products[row.reader], "input_port", row.input_port))
        named[row.reader, "input_port"].setdefault(row.input_port)
        if row.output is None:
            source = flow.add(outside(row))
        elif row.source_line_id in products:
            source = flow.add(port_of(products[row.source_line_id], "output_port", row.output))
        else:
            source = f"{row.source_line_id}/output_port/{row.output}"
        flow.links.append(Link(source, entered, "reads", row.port_name, row.input_port))
    for (line, kind), names in named.items():
        for name in names:
            flow.add(port_of(products[line], kind, name))
    _feed(flow, connection, products, named)
    return flow


Named = dict[tuple[str, str], dict[str, None]]
"""Names of ports by line and kind, in their order."""


def _named(connection: Connection, products: Mapping[str, Vertex]) -> Named:
    by_version = {vertex.version_id: line for line, vertex in products.items()}
    named: Named = defaultdict(dict)
    for row in connection.execute(_PORTS, {"versions": list(by_version)}):
        named[by_version[row.version_id], _KINDS[row.kind]][row.name] = None
    return named


def _feed(flow: Flow, connection: Connection, products: Mapping[str, Vertex], named: Named) -> None:
    for line, content in effective(connection, products):
        inputs, outputs = (list(named.get((line, kind), ())) for kind in ("input_port", "output_port"))
        document = orjson.loads(content) if any(mark in content for mark in _WIRED) else {}
        found = list(islice(wires(document, inputs, outputs), MOST_WIRES + 1))
        flow.cut = flow.cut or len(found) > MOST_WIRES
        for wire in found[:MOST_WIRES]:
            source = f"{line}/input_port/{wire.input_port}"
            target = f"{line}/output_port/{wire.output_port}"
            flow.links.append(Link(source, target, "feeds", wire.output_port, wire.input_port, wire.inferred))


def effective(connection: Connection, products: Mapping[str, Vertex]) -> Iterable[tuple[str, bytes]]:
    """The stored effective descriptor of each product, by its line, one at a time."""
    by_version = {vertex.version_id: line for line, vertex in products.items()}
    for row in connection.execute(_EFFECTIVE, {"versions": list(by_version)}):
        yield by_version[row.id], row.effective
