"""Which output ports do the input ports of a product feed, as its components declare or as far as can be told?

`consumesFrom` and `providesTo` of components join ports (DESIGN §3.5). A port that no component joins to any other is
taken to be joined to every port of the other kind that may be meant, and such a wire is marked as inferred: a dead end
that nobody declared would cut lineage by accident.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from engine.descriptor.components import components, items
from engine.descriptor.identity import COLLECTIONS, parse_fqn
from engine.model import Json

Key = tuple[str, str]
"""The collection of a port or component (`inputports`, `applications`, …) and its name."""


class Wire(NamedTuple):
    """Data flows from an input port to an output port of one product; `inferred` where no component says so."""

    input_port: str
    output_port: str
    inferred: bool = False


def wires(document: dict[str, Json], inputs: Sequence[str], outputs: Sequence[str]) -> Iterator[Wire]:
    """The wires between these ports of an effective descriptor, input by input, declared ones first."""
    ways = _ways(document)
    met = {name: _met(ways, ("inputports", name)) for name in inputs}
    declared = {one: [name for name in outputs if ("outputports", name) in met[one]] for one in inputs}
    fed = {name for found in declared.values() for name in found}
    loose = [name for name in outputs if name not in fed]
    for one in inputs:
        yield from (Wire(one, name) for name in declared[one])
        guessed = loose if declared[one] else outputs
        yield from (Wire(one, name, inferred=True) for name in guessed)


def _ways(document: dict[str, Json]) -> dict[Key, list[Key]]:
    """Where the data of each port or component goes inside the product."""
    ways: dict[Key, list[Key]] = defaultdict(list)
    for one in components(document):
        if one.is_port:
            continue
        here = (COLLECTIONS[one.kind], one.name)
        for source in _named(one.value.get("consumesFrom")):
            ways[source].append(here)
        ways[here] += _named(one.value.get("providesTo"))
    return ways


def _named(written: Json) -> Iterable[Key]:
    parsed = [parse_fqn(one) for one in items(written)]
    return [(one.collection, one.component) for one in parsed if one and one.collection and one.component]


def _met(ways: dict[Key, list[Key]], start: Key) -> set[Key]:
    """Everything that the data of `start` reaches."""
    met, waiting = {start}, [start]
    while waiting:
        for further in ways.get(waiting.pop(), ()):
            if further not in met:
                met.add(further)
                waiting.append(further)
    return met
