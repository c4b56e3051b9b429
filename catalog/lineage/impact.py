"""Which consumers does a change of a product reach, and whom has one to talk to?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from catalog.database import Database
from catalog.lineage.columns import of_columns
from catalog.lineage.flow import of_ports
from catalog.lineage.graph import Vertex
from catalog.lineage.question import USUAL_NODES, Direction, Question
from catalog.lineage.sight import Sight, Sights
from catalog.lineage.spoiled import Item, Spoiling, Way
from engine.errors import NotFound
from engine.model import Principal


class Consumer(NamedTuple):
    """One product that a change reaches.

    `breaks`: it reads a port, or is declared to be derived from a column, that would not be there as it was; else it
    may break. `ways` say by which ports (and columns) it is reached; their `source` is the id of a line.
    """

    vertex: Vertex
    depth: int
    breaks: bool
    ways: tuple[Way, ...]


class Owner(NamedTuple):
    """Who answers for consumers: the domains that these are in, and how many of them there are and break."""

    owner: str
    domains: tuple[str, ...]
    consumers: int
    breaking: int


class Impact(NamedTuple):
    """Consumers, nearest and surest first; unless `complete`, a bound cut the farthest."""

    product: Vertex
    consumers: tuple[Consumer, ...]
    complete: bool
    #: the fqns of the products that `ways` lead from
    names: Mapping[str, str]

    @property
    def owners(self) -> tuple[Owner, ...]:
        """Whom to talk to, those with the most that breaks first."""
        found: dict[str, list[Consumer]] = {}
        for one in self.consumers:
            found.setdefault(one.vertex.owner, []).append(one)
        told = [
            Owner(owner, tuple(sorted({one.vertex.domain for one in of})), len(of), sum(one.breaks for one in of))
            for owner, of in found.items()
        ]
        return tuple(sorted(told, key=lambda one: (-one.breaking, -one.consumers, one.owner)))


class Impacts:
    """Reads about whom changes reach; the number of statements does not depend on how many that are."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sights = Sights()

    def of(
        self,
        product: str,
        spoiled: Mapping[str, frozenset[str]] | None = None,
        *,
        principal: Principal,
        depth: int | None = None,
        most: int = USUAL_NODES,
        only_open: bool = False,
        at: int | None = None,
    ) -> Impact:
        """Whom it reaches when these output ports change: each with its columns (as `dataset.path`), none for whole.

        None means all output ports. `only_open` looks only at consumers that leave the major of the product open.
        Raises `NotFound`, also for a port or column that there is not, and `LineageInvalid`.
        """
        question = Question((product,), Direction.DOWNSTREAM, depth, most=most)
        with self._database.snapshot() as connection:
            sight = self._sights.of(connection, question, principal, at)
            products = sight.products
            ports = of_ports(connection, products, sight.rows)
            line = sight.starts[0][1]
            columns, promised = of_columns(connection, products, sight.rows, [line.line_id])
        items: list[Item] = []
        for port, named in _ports(sight, ports.vertices, spoiled).items():
            for name in named or ("",):
                full = promised.named(line.line_id, port, name) if name else ""
                if full is None:
                    raise NotFound(f"`{product}` has no column `{name}` in its port `{port}`.", product=product)
                items.append(Item(line.line_id, port, full))
        found = Spoiling(products, sight.rows, ports, columns).of(items, depth, only_open)
        consumers = tuple(Consumer(one.vertex, one.depth, one.breaks, tuple(one.ways)) for one in found)
        names = {vertex.line_id: vertex.fqn for vertex in products.values()}
        return Impact(line, consumers, not (sight.cut or ports.cut), names)


def _ports(
    sight: Sight, vertices: Mapping[str, Vertex], spoiled: Mapping[str, frozenset[str]] | None
) -> Mapping[str, frozenset[str]]:
    start, line = sight.starts[0]
    known = [one.port for one in vertices.values() if one.kind == "output_port" and one.line_id == line.line_id]
    if spoiled is None:
        return {port: frozenset() for port in known if start.port in ("", port)}
    for port in spoiled:
        if port not in known:
            raise NotFound(f"`{line.fqn}` has no output port `{port}`.", product=line.fqn)
    return spoiled
