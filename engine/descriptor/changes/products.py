"""What changed between two versions of a product, port by port?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from engine.descriptor.changes.ports import Schemas, port_changes
from engine.descriptor.changes.texts import bare
from engine.descriptor.components import Component, components, text
from engine.descriptor.digest import digest_of
from engine.descriptor.grammar import PORT_KINDS
from engine.model import Change, ChangeLevel, Json

_PATCH, _MINOR, _BREAKING = ChangeLevel.PATCH, ChangeLevel.MINOR, ChangeLevel.BREAKING
_COLLECTION: Final = {kind: collection for collection, kind in PORT_KINDS.items()}
_ELSEWHERE: Final = frozenset(("dataProductDescriptor", "info", "interfaceComponents", "components"))
_NAMING: Final = frozenset(("version", "domain", "id", "fullyQualifiedName", "entityType", "name"))
Ports = dict[tuple[str, str], Component]


def changes(before: dict[str, Json], now: dict[str, Json], schemas: Schemas) -> tuple[Change, ...]:
    """Every difference between two effective descriptors of one product, breaking ones first."""
    found = [*_port_changes(before, now, schemas), *_product_changes(before, now)]
    return tuple(sorted(found, key=lambda one: -one.level))


def _ports(document: dict[str, Json]) -> Ports:
    return {(one.kind, one.name): one for one in components(document) if one.is_port}


def _port_changes(before: dict[str, Json], now: dict[str, Json], schemas: Schemas) -> Iterator[Change]:
    old, new = _ports(before), _ports(now)
    gone = {key: one for key, one in old.items() if key not in new}
    come = {key: one for key, one in new.items() if key not in old}
    for one, other in _renamed(gone, come):
        level = _BREAKING if other.kind == "outputport" else _MINOR
        msg = f"it was renamed from {one.name!r}"
        yield Change(level, msg, (*other.path, "name"), other.kind, other.name)
        del gone[one.kind, one.name], come[other.kind, other.name]
    for kind, name in gone:
        level = _BREAKING if kind == "outputport" else _MINOR
        yield Change(level, "it was removed", ("interfaceComponents", _COLLECTION[kind]), kind, name)
    for (kind, name), one in come.items():
        yield Change(_MINOR, "it was added", one.path, kind, name)
    for key in [key for key in old if key in new]:
        yield from port_changes(old[key], new[key], schemas)


def _renamed(gone: Ports, come: Ports) -> list[tuple[Component, Component]]:
    """Ports that went and came with everything but their name alike, where there is one of each."""
    before, now = _by_likeness(gone), _by_likeness(come)
    pairs = [(ones[0], now[likeness][0]) for likeness, ones in before.items() if len(ones) == len(now[likeness]) == 1]
    return [(one, other) for one, other in pairs if text(one.value, "promises", "api", "specification")]


def _by_likeness(ports: Ports) -> dict[str, list[Component]]:
    found: dict[str, list[Component]] = defaultdict(list)
    for one in ports.values():
        found[_likeness(one)].append(one)
    return found


def _likeness(port: Component) -> str:
    bared = bare(port.value, without=frozenset(("name", "version")))
    return port.kind + digest_of(bared)


def _product_changes(before: dict[str, Json], now: dict[str, Json]) -> Iterator[Change]:
    old, new = _info(before), _info(now)
    if text(old, "domain") != text(new, "domain"):
        yield Change(_MINOR, f"the domain changed from {text(old, 'domain')!r}", ("info", "domain"))
    for field in sorted((before.keys() | now.keys()) - _ELSEWHERE):
        if before.get(field) != now.get(field):
            yield Change(_PATCH, f"{field} changed", (field,))
    for field in sorted((old.keys() | new.keys()) - _NAMING):
        if old.get(field) != new.get(field):
            yield Change(_PATCH, f"info.{field} changed", ("info", field))


def _info(document: dict[str, Json]) -> dict[str, Json]:
    found = document.get("info")
    return found if type(found) is dict else {}
