"""What is the shape of the mesh: circles, islands, hubs, coupled domains, long chains, single points of failure?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, select

from catalog.database import Database
from catalog.edges import READER, READING, SOURCE, live, resolved
from catalog.lineage.bottlenecks import relying
from catalog.lineage.circles import components, longest_chain
from catalog.lineage.flow import product
from catalog.lineage.graph import Vertex
from catalog.lineage.readings import FACTS, moment
from catalog.products import LISTING
from catalog.visible import visible
from engine.model import Principal

MOST_PRODUCTS = 200_000
MOST_EDGES = 2_000_000


class Hub(NamedTuple):
    """A product and how many others: read it, are read by it, or get no data without it."""

    product: Vertex
    others: int


class Coupling(NamedTuple):
    """So many products of one domain are read by so many of another, along so many edges."""

    source: str
    target: str
    sources: int
    targets: int
    edges: int


class Topology(NamedTuple):
    """The shape of the mesh between its products; an edge joins two of them, however many ports it takes.

    Unless `complete`, a bound left out products (those with the last fqns) or edges. Lists are sorted, the most first.
    """

    products: int
    edges: int
    complete: bool
    #: products that lead to one another in a circle, or one that reads itself
    cycles: tuple[tuple[Vertex, ...], ...]
    #: products without an edge
    orphans: tuple[Vertex, ...]
    most_read: tuple[Hub, ...]
    most_reading: tuple[Hub, ...]
    relied_on: tuple[Hub, ...]
    couplings: tuple[Coupling, ...]
    #: of the longest chains one, in the direction in which data flows; a circle counts as one step
    longest_chain: tuple[Vertex, ...]


class Topologies:
    """Reads the shape of the mesh: two statements, and O(n + m) work (relied_on: a factor log n)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._statements = lru_cache(maxsize=32)(_statements)

    def topology(self, *, principal: Principal, at: int | None = None) -> Topology:
        """The shape of the mesh now, or as it was at a revision."""
        moment = {} if at is None else {"at": at}
        lines, edges = self._statements(principal, bool(moment))
        with self._database.snapshot() as connection:
            rows = connection.execute(lines, {**moment, "most": MOST_PRODUCTS + 1}).all()
            pairs = connection.execute(edges, {**moment, "most": MOST_EDGES + 1}).all()
        products = [product(row) for row in rows[:MOST_PRODUCTS]]
        complete = len(rows) <= MOST_PRODUCTS and len(pairs) <= MOST_EDGES
        return _shape(products, pairs[:MOST_EDGES], complete)


def _statements(principal: Principal, past: bool) -> tuple[Select[Any], Select[Any]]:
    at = moment(past)
    lines = select(*(LISTING.c[name] for name in FACTS)).where(live(LISTING, at), visible(principal, LISTING.c.domain))
    edges = resolved(SOURCE.c.line_id, READER.c.line_id.label("reader"), at=at).distinct()
    edges = edges.where(*(visible(principal, listing.c.domain) for listing in (READER, SOURCE)))
    edges = edges.where(READING.c.kind == "port")
    return lines.order_by(LISTING.c.fqn).limit(bindparam("most")), edges.limit(bindparam("most"))


def _shape(products: list[Vertex], pairs: Sequence[Any], complete: bool) -> Topology:
    number = {vertex.line_id: at for at, vertex in enumerate(products)}
    graph: list[list[int]] = [[] for _ in products]
    for source, reader in pairs:
        if source in number and reader in number:
            graph[number[source]].append(number[reader])
    for leads in graph:
        leads.sort()
    parts = components(graph)
    into = Counter(there for one, leads in enumerate(graph) for there in leads if there != one)
    out = Counter({one: sum(there != one for there in leads) for one, leads in enumerate(graph)})
    touched = {there for leads in graph for there in leads} | {one for one, leads in enumerate(graph) if leads}
    circles = [sorted(part) for part in parts if len(part) > 1 or part[0] in graph[part[0]]]
    circles.sort(key=lambda part: (-len(part), part))
    return Topology(
        products=len(products),
        edges=sum(map(len, graph)),
        complete=complete,
        cycles=tuple(tuple(products[one] for one in part) for part in circles),
        orphans=tuple(vertex for one, vertex in enumerate(products) if one not in touched),
        most_read=_hubs(products, out),
        most_reading=_hubs(products, into),
        relied_on=_hubs(products, relying(graph, parts)),
        couplings=_couplings(products, graph),
        longest_chain=tuple(products[one] for one in longest_chain(graph, parts)),
    )


def _hubs(products: list[Vertex], counts: dict[int, int]) -> tuple[Hub, ...]:
    found = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return tuple(Hub(products[one], count) for one, count in found if count)


def _couplings(products: list[Vertex], graph: list[list[int]]) -> tuple[Coupling, ...]:
    edges: Counter[tuple[str, str]] = Counter()
    ends: dict[tuple[str, str], tuple[set[int], set[int]]] = {}
    for one, leads in enumerate(graph):
        for there in leads:
            key = (products[one].domain, products[there].domain)
            edges[key] += 1
            sources, targets = ends.setdefault(key, (set(), set()))
            sources.add(one)
            targets.add(there)
    told = [Coupling(*key, len(ends[key][0]), len(ends[key][1]), count) for key, count in edges.items()]
    return tuple(sorted(told, key=lambda one: (-one.edges, one.source, one.target)))
