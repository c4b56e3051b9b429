"""Which documents show that a drafted policy fires, and that it does not?"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence

from engine.model import Json
from engine.policy.drafting.places import Place


def _standard(name: str, specification: str, definition: Json) -> dict[str, Json]:
    return {"name": name, "version": "1.0.0", "specification": specification, "definition": definition}


SAMPLE: dict[str, Json] = {
    "dataProductDescriptor": "1.0.0",
    "info": {
        "fullyQualifiedName": "urn:dpds:org.example:dataproducts:parcels:1",
        "name": "parcels",
        "version": "1.0.0",
        "domain": "logistics",
        "description": "Every parcel that leaves the warehouse, with its weight and its carrier.",
        "owner": {"id": "logistics-data@example.org"},
        "contactPoints": [{"name": "Support", "channel": "email", "address": "logistics-data@example.org"}],
    },
    "interfaceComponents": {
        "outputPorts": [
            {
                "name": "parcelList",
                "version": "1.0.0",
                "description": "One row per parcel.",
                "promises": {
                    "platform": "aws:eu-central-1",
                    "api": _standard("parcelApi", "json-schema", {"type": "object"}),
                    "slo": _standard("slo", "custom", {"freshness": "PT1H"}),
                },
            }
        ],
    },
}
"""A small product to which a case adds what its policy is about."""


def document(settings: Sequence[tuple[Place, Json]], *, start: Json = None) -> dict[str, Json]:
    """The sample (or another start) with these fields set; None takes a field out, its holders stay."""
    made: dict[str, Json] = copy.deepcopy(SAMPLE if start is None else start)
    for place, value in settings:
        for holder, step in _holders(made, place.steps):
            if value is None:
                holder.pop(step, None)
            elif step is None:
                holder[:] = [value]
            else:
                holder[step] = copy.deepcopy(value)
    return made


def pointer(place: Place) -> str:
    """The pointer to the place in such a document: of every list the first item."""
    return "".join(f"/{0 if step is None else step}" for step in place.steps)


def _holders(node: Json, steps: Sequence[str | None]) -> Iterator[tuple[Json, str | None]]:
    """What holds the last step, made where it is missing: an object for a field, a list of one item for a list."""
    step, *rest = steps
    if not rest:
        yield node, step
        return
    fresh: Json = [] if rest[0] is None else {}
    if step is None:
        node[:] = node or [fresh]
        children = node
    else:
        if not isinstance(node.get(step), type(fresh)):
            node[step] = fresh
        children = [node[step]]
    for child in children:
        yield from _holders(child, rest)
