"""What is lineage made of? (Named tuples: cheap to make in large graphs, never changed.)"""

from __future__ import annotations

from typing import NamedTuple


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


class Vertex(NamedTuple):
    """A node of lineage of any depth: a product, one of its ports or columns, or what is outside the mesh.

    `kind` is `product`, `output_port`, `input_port`, `column`, `dangling` or `external`. The facts of a product are
    empty outside the mesh, where `name` is the reference as written.
    """

    id: str
    kind: str
    line_id: str
    name: str
    fqn: str = ""
    version: str = ""
    status: str = ""
    domain: str = ""
    owner: str = ""
    version_id: str = ""
    port: str = ""
    column: str = ""


class Link(NamedTuple):
    """Data flows from `source` to `target` (ids of vertices).

    `kind` is `reads` (an output port into an input port of another product), `feeds` (an input port into an output port
    of the same product) or `derives` (a column into another). `inferred` marks what no author declared; `how` is what
    an author says of a derivation.
    """

    source: str
    target: str
    kind: str = "reads"
    output_port: str = ""
    input_port: str = ""
    inferred: bool = False
    how: str = ""


class Placed(NamedTuple):
    """A vertex in an answer.

    `upstream` and `downstream` are the steps from where the walk began, None on the side where it was not met; a step
    leads from one product into another. `matches` is False for what only connects vertices that match. `frontier`:
    there is more behind it that is not shown.
    """

    vertex: Vertex
    upstream: int | None
    downstream: int | None
    matches: bool = True
    frontier: bool = False


class Walked(NamedTuple):
    """What a walk met, nearest first; `complete` says that within its depth no bound cut anything."""

    nodes: tuple[Placed, ...]
    links: tuple[Link, ...]
    complete: bool
