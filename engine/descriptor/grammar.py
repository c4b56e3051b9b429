"""Where may a DPDS document hold a reference (DESIGN §3.2)?

A shape says what stands below one kind of object. Only places named here are followed; everything else, above all the
content of a `definition`, is opaque.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from engine.model import Json, Path


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """The places below one kind of object at which other kinds stand."""

    fields: dict[str, Shape] = field(default_factory=dict)
    #: what each item of a list, or each value of a map, is
    items: Shape | None = None
    #: whether a reference may stand here
    reference: bool = False
    #: whether the official schema refuses that reference (reference table 1.8, rows 4 and 6)
    beyond_official: bool = False
    #: whether the content is kept as it is, and a file that is neither JSON nor YAML becomes a string
    opaque: bool = False


def _listed(shape: Shape) -> Shape:
    return Shape(items=shape)


DEFINITION: Final = Shape(reference=True, opaque=True)
STANDARD: Final = Shape({"definition": DEFINITION}, reference=True)
STANDARD_BEYOND: Final = Shape({"definition": DEFINITION}, reference=True, beyond_official=True)


STANDARD_SHAPES: Final = frozenset((STANDARD, STANDARD_BEYOND))


def _agreement(*names: str) -> Shape:
    return Shape(dict.fromkeys(names, STANDARD_BEYOND), reference=True, beyond_official=True)


PORT: Final = Shape(
    {
        "promises": _agreement("api", "deprecationPolicy", "depreceationPolicy", "slo"),
        "expectations": _agreement("audience", "usage"),
        "obligations": _agreement("termsAndConditions", "billingPolicy", "sla"),
    },
    reference=True,
)
COMPONENT: Final = Shape(reference=True)
TASK: Final = Shape(
    {"template": STANDARD, "configurations": Shape(reference=True, beyond_official=True, opaque=True)},
)
PORT_KINDS: Final = {
    "inputPorts": "inputport",
    "outputPorts": "outputport",
    "discoveryPorts": "discoveryport",
    "observabilityPorts": "observabilityport",
    "controlPorts": "controlport",
}
COMPONENT_KINDS: Final = {"applicationComponents": "application", "infrastructuralComponents": "infrastructure"}
_PORTS: Final = dict.fromkeys(PORT_KINDS, _listed(PORT))
_COMPONENTS: Final = dict.fromkeys(COMPONENT_KINDS, _listed(COMPONENT))
_PLAIN: Final = Shape()
ROOT: Final = Shape(
    {
        "info": Shape({"owner": _PLAIN, "contactPoints": _listed(_PLAIN)}),
        "interfaceComponents": Shape(_PORTS),
        "internalComponents": Shape({**_COMPONENTS, "lifecycleInfo": _listed(_listed(TASK))}),
        "components": Shape(
            {**_PORTS, **_COMPONENTS, "apis": _listed(STANDARD), "templates": _listed(STANDARD)},
        ),
    }
)


def objects(document: Json, shape: Shape = ROOT) -> Iterator[tuple[Path, dict[str, Json], Shape]]:
    """Every object at a place that the specification knows, with what kind it is; opaque ones are left out."""
    pending: list[tuple[Path, Json, Shape]] = [((), document, shape)]
    while pending:
        path, node, kind = pending.pop()
        if type(node) is dict and not kind.opaque:
            yield path, node, kind
            if kind.items is None:
                pending.extend(((*path, key), node[key], kind.fields[key]) for key in kind.fields if key in node)
            else:
                pending.extend(((*path, key), item, kind.items) for key, item in node.items())
        elif type(node) is list and kind.items is not None:
            pending.extend(((*path, at), item, kind.items) for at, item in enumerate(node))
