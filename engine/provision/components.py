"""Which components of a descriptor become resources, and in which order?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from engine.errors import PlanInvalid
from engine.model import Identity, Json

KINDS: Mapping[str, tuple[str, str, str, str]] = {
    "infrastructure": ("internalComponents", "infrastructuralComponents", "infrastructure", "infrastructureType"),
    "application": ("internalComponents", "applicationComponents", "applications", "applicationType"),
    "outputport": ("interfaceComponents", "outputPorts", "outputports", ""),
}
"""Kind → (group, list, segment of the fully qualified name, key of the type); output ports come after providers."""


@dataclass(frozen=True, slots=True)
class Component:
    """One component that an adapter makes.

    `fqn` is canonical (line, segment, name), so it is the same in every dialect and for every minor version;
    `depends_on` holds the canonical fqns of components of the same product.
    """

    fqn: str
    kind: str
    name: str
    platform: str
    type: str
    definition: Mapping[str, Json]
    depends_on: tuple[str, ...] = ()

    def body(self) -> dict[str, Json]:
        """The component as upp/1 names it."""
        return {"fqn": self.fqn, "kind": self.kind, "name": self.name, "platform": self.platform, "type": self.type}


def in_order(effective: Mapping[str, Json], identity: Identity) -> list[Component]:
    """The components, each after everything that it depends on, else in the order of the descriptor.

    Edges: `dependsOn`, `consumesFrom` (consumer after source) and `providesTo` (target after provider), as far as
    they name components of this product. Raises PlanInvalid for a cycle or for two components of one name.
    """
    found = list(_found(effective, identity))
    names = _names(found)
    edges = _edges(found, names)
    return [
        Component(one.fqn, one.kind, one.name, one.platform, one.type, one.definition, tuple(sorted(edges[one.fqn])))
        for one in _sorted(found, edges)
    ]


def line_of(identity: Identity) -> str:
    """The canonical fqn of a product's major version, which those of its components begin with."""
    return f"urn:dpds:{identity.namespace}:dataproducts:{identity.name}:{identity.major}"


def _found(effective: Mapping[str, Json], identity: Identity) -> Iterator[Component]:
    line = line_of(identity)
    for kind, (group, collection, segment, type_key) in KINDS.items():
        for entry in _list(_mapping(effective.get(group)).get(collection)):
            if isinstance(entry, Mapping) and isinstance(entry.get("name"), str):
                platform, told = _platform(entry, type_key)
                yield Component(f"{line}:{segment}:{entry['name']}", kind, entry["name"], platform, told, entry)


def _platform(entry: Mapping[str, Json], type_key: str) -> tuple[str, str]:
    """Platform and type; a port tells them in its promises, its type is its API specification."""
    if type_key:
        return str(entry.get("platform") or ""), str(entry.get(type_key) or "")
    promises = _mapping(entry.get("promises"))
    return str(promises.get("platform") or ""), str(_mapping(promises.get("api")).get("specification") or "")


def _names(found: Sequence[Component]) -> dict[str, str]:
    """Every spelling of a component → its canonical fqn."""
    names: dict[str, str] = {}
    for one in found:
        if one.fqn in names:
            raise PlanInvalid(f"two components are called {one.fqn}")
        names[one.fqn] = one.fqn
    for one in found:
        told = one.definition.get("fullyQualifiedName")
        if isinstance(told, str):
            names.setdefault(told, one.fqn)
    return names


def _edges(found: Sequence[Component], names: Mapping[str, str]) -> dict[str, set[str]]:
    """Canonical fqn → what must be there before it."""
    edges: dict[str, set[str]] = {one.fqn: set() for one in found}
    for one in found:
        for key in ("dependsOn", "consumesFrom"):
            edges[one.fqn].update(_named(one, key, names))
        for target in _named(one, "providesTo", names):
            edges[target].add(one.fqn)
    return edges


def _named(one: Component, key: str, names: Mapping[str, str]) -> list[str]:
    told = one.definition.get(key)
    listed = [told] if isinstance(told, str) else _list(told)
    return [names[name] for name in listed if isinstance(name, str) and name in names]


def _sorted(found: Sequence[Component], edges: Mapping[str, set[str]]) -> Iterator[Component]:
    place = {one.fqn: position for position, one in enumerate(found)}
    sorter = TopologicalSorter(edges)
    try:
        sorter.prepare()
    except CycleError as error:
        raise PlanInvalid("components depend on each other: " + " -> ".join(error.args[1])) from None
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=place.__getitem__)
        yield from (found[place[fqn]] for fqn in ready)
        sorter.done(*ready)


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
