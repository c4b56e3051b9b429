"""Which part of a product is a finding about, named so that it survives reordering?

A finding's `component` is the fully qualified name of the port or component that its path leads into, and its
relative pointer names list items by `name` (DESIGN §4, Waiver). Both make the fingerprint, never message or line.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.model import Finding, Json, Path, Step, pointer

_PORTS_AND_COMPONENTS = frozenset({"interfaceComponents", "internalComponents", "components"})
_DEPTH = 3  # e.g. interfaceComponents / outputPorts / 0


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a finding points: a component (`""` for the product itself) and a pointer relative to it."""

    component: str
    within: str


def spot(document: Mapping[str, Json], path: Path) -> Spot:
    """The spot that a path of the effective descriptor leads to; missing keys stay as they are written."""
    named = _named(document, path)
    component = _component(document, path)
    return Spot(component, pointer(named[_DEPTH if component else 0 :]))


def fingerprint(finding: Finding, where: Spot) -> str:
    """The stable identity of a finding of one product: policy, code, component and relative pointer."""
    told = json.dumps([finding.policy, finding.code, where.component, where.within], separators=(",", ":"))
    return hashlib.sha256(told.encode("ascii")).hexdigest()


def _component(document: Mapping[str, Json], path: Path) -> str:
    if len(path) < _DEPTH or path[0] not in _PORTS_AND_COMPONENTS:
        return ""
    node: Json = document
    for step in path[:_DEPTH]:
        node = _below(node, step)
    fqn = node.get("fullyQualifiedName") if isinstance(node, dict) else None
    return fqn if isinstance(fqn, str) else ""


def _named(document: Mapping[str, Json], path: Path) -> Sequence[Step]:
    node: Json = document
    named: list[Step] = []
    for step in path:
        inner = _below(node, step)
        named.append(_name(inner, step) if isinstance(node, list) else step)
        node = inner
    return named


def _name(item: Json, position: Step) -> Step:
    """The item's `name`, or the item itself where it is a text; an item without a name keeps its position."""
    name = item.get("name") if isinstance(item, dict) else item
    return name if isinstance(name, str) and name else position


def _below(node: Json, step: Step) -> Json:
    if isinstance(node, Mapping) and isinstance(step, str):
        return node.get(step)
    if isinstance(node, list) and isinstance(step, int) and not isinstance(step, bool) and 0 <= step < len(node):
        return node[step]
    return None
