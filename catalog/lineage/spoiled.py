"""Whom does it reach when output ports or columns of a product change, and how surely? (In memory, no store.)

It spreads item by item: a port as a whole, or one of its columns. A consumer that declares from which columns its own
are derived is reached only through these; one that declares nothing may use any of them.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from catalog.lineage.flow import Flow
from catalog.lineage.graph import Vertex


class Item(NamedTuple):
    """An output port of a line, or (with `column`, as `dataset.path`) one of its columns."""

    line: str
    port: str
    column: str = ""


class Way(NamedTuple):
    """How a change reaches a consumer: from a port of a product into one of its input ports; `column` if known."""

    source: str
    output_port: str
    input_port: str
    column: str = ""


@dataclass(slots=True)
class Reached:
    """One consumer: its steps from the product that changes, and whether it breaks or only may."""

    vertex: Vertex
    depth: int
    breaks: bool = False
    ways: dict[Way, None] = field(default_factory=dict)


class Spoiling:
    """Follows what would be spoiled through the readings, wires and derivations of some products."""

    def __init__(self, products: dict[str, Vertex], rows: Iterable[Any], ports: Flow, columns: Flow) -> None:
        self._products = products
        self._readers: dict[tuple[str, str], list[Any]] = defaultdict(list)
        for row in rows:
            if row.output is not None:
                self._readers[row.source_line_id, row.output].append(row)
        self._fed: dict[str, list[str]] = defaultdict(list)
        for link in ports.links:
            if link.kind == "feeds":
                self._fed[link.source].append(link.output_port)
        self._derived: dict[Item, list[Item]] = defaultdict(list)
        self._declares: set[tuple[str, str, str]] = set()
        for link in columns.links:
            source, target = columns.vertices.get(link.source), columns.vertices[link.target]
            if source is not None and source.line_id:
                made = Item(target.line_id, target.port, target.column)
                self._derived[Item(source.line_id, source.port, source.column)].append(made)
                self._declares.add((target.line_id, source.line_id, source.port))

    def of(self, spoiled: Iterable[Item], depth: int | None, only_open: bool = False) -> list[Reached]:
        """Every consumer that is reached, nearest first; `only_open` are first readers that leave the major open."""
        found: dict[str, Reached] = {}
        waiting = deque((item, 0) for item in spoiled)
        met = {item for item, _ in waiting}
        begun = {item.line for item in met}
        while waiting:
            item, far = waiting.popleft()
            further = [(one, far) for one in self._derived.get(item, ()) if one.line == item.line]
            if depth is None or far < depth:
                for row in self._readers.get((item.line, item.port), ()):
                    named = only_open and far == 0 and row.major is not None
                    if row.reader in self._products and row.reader not in begun and not named:
                        further += [(one, far + 1) for one in self._reach(found, item, row, far + 1)]
            for one, steps in further:
                if one not in met:
                    met.add(one)
                    waiting.append((one, steps))
        return sorted(found.values(), key=lambda one: (one.depth, not one.breaks, one.vertex.fqn))

    def _reach(self, found: dict[str, Reached], item: Item, row: Any, depth: int) -> list[Item]:
        """Note how one reading is reached, and give what is spoiled by that."""
        made = [one for one in self._derived.get(item, ()) if one.line == row.reader]
        declares = (row.reader, item.line, item.port) in self._declares
        if item.column and declares and not made:
            return []
        reached = found.setdefault(row.reader, Reached(self._products[row.reader], depth))
        # Only the first consumer surely breaks: what it does about that is for its owners to say.
        reached.breaks = reached.breaks or (depth == 1 and (not item.column or bool(made)))
        reached.ways[Way(item.line, item.port, row.input_port, item.column)] = None
        if item.column and declares:
            return made
        fed = self._fed.get(f"{row.reader}/input_port/{row.input_port}", ())
        return [Item(row.reader, port) for port in fed]
