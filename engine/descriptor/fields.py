"""Which fields may stand at a path of a descriptor, as far as DPDS says, or of what we put beside it?

A path is the keys from the document down, None for any item of a list or any value of a map.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path as File
from typing import NamedTuple

from engine.descriptor import schema
from engine.model import Json

Step = str | None

_CLOSE = 0.6
"""Asked for by somebody who writes a path, not guessed into a document: looser than `spelling`."""
OURS = "_context"


@cache
def context() -> dict[str, Json]:
    """The JSON Schema of `_context`, which policies see beside the descriptor (DESIGN §4, Input)."""
    content = File(__file__).with_name("schemas") / "context-1.json"
    told: dict[str, Json] = json.loads(content.read_text(encoding="utf-8"))
    return told


class Unknown(NamedTuple):
    """The step of a path at which no such field may stand, and fields that are spelt like it."""

    at: int
    alike: tuple[str, ...]
    #: whether the step asks for items of something that is no list
    is_item: bool = False


def unknown(path: Sequence[Step]) -> Unknown | None:
    """Where the path leaves what DPDS knows; None where it does not, or reaches what DPDS leaves open."""
    node: Mapping[str, Json] | None = schema.document()
    for at, step in enumerate(path):
        if at == 0 and step == OURS:
            node = context()
            continue
        if node is None:
            return None
        below = _below(node, step)
        if below is _NOTHING:
            return Unknown(at, _alike(node, step), is_item=step is None)
        node = below
    return None


def kinds(path: Sequence[Step]) -> frozenset[str]:
    """The JSON types that a value there may have; none where DPDS leaves it open."""
    node: Mapping[str, Json] | None = schema.document()
    for step in path:
        below = _NOTHING if node is None else _below(node, step)
        if below is None or below is _NOTHING:
            return frozenset()
        node = below
    told = _merged(node or {}).get("type", [])
    return frozenset([told] if isinstance(told, str) else told)


_NOTHING: Mapping[str, Json] = {"nothing": True}
"""Stands for: no such field."""


def _below(node: Mapping[str, Json], step: Step) -> Mapping[str, Json] | None:
    """What DPDS says of the field or item; None where it leaves it open."""
    told = _merged(node)
    properties, types = told.get("properties", {}), told.get("type", [])
    if step is None:
        if "items" in told:
            return told["items"] or None
        of_values = told.get("additionalProperties")
        if isinstance(of_values, dict):
            return of_values
        return _NOTHING if properties or (types and not {"array", "object"} & _listed(types)) else None
    if step in properties:
        return properties[step] if isinstance(properties[step], dict) else None
    if step.startswith("x-") or isinstance(told.get("additionalProperties"), dict):
        return told.get("additionalProperties") or None
    closed = properties or "items" in told or (types and "object" not in _listed(types))
    return _NOTHING if closed else None


def _listed(types: Json) -> set[str]:
    return {types} if isinstance(types, str) else set(types)


def _merged(node: Mapping[str, Json]) -> Mapping[str, Json]:
    """The node with what it refers to and inherits; of an alternative between null or a reference and a value, the
    value: policies see the effective descriptor, in which references are resolved."""
    if "$ref" in node:
        return _merged(schema.document()["$defs"][node["$ref"].rpartition("/")[2]])
    if "else" in node:
        return _merged(node["else"])
    found: dict[str, Json] = dict(node)
    for inherited in map(_merged, node.get("allOf", ())):
        properties = {**inherited.get("properties", {}), **found.get("properties", {})}
        found = {**inherited, **found, "properties": properties}
    return found


def _alike(node: Mapping[str, Json], step: Step) -> tuple[str, ...]:
    known = sorted(_merged(node).get("properties", ()))
    if step is None:
        return ()
    spelt = {one.lower(): one for one in known if one != OURS}
    return tuple(spelt[one] for one in get_close_matches(step.lower(), spelt, 3, _CLOSE))


def written(path: Sequence[Step]) -> str:
    """The path as people write it: `interfaceComponents.outputPorts[*].name`."""
    return "".join("[*]" if step is None else f".{step}" for step in path).removeprefix(".")
