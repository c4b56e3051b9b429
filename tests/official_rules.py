"""Where do we differ from the official schema of DPDS 1.0.0 on purpose? Each difference is one rule of this table.

A rule explains a difference by repairing it: it rewrites exactly the places that it is about into something on which
both schemas agree. Once all rules of a document have repaired it, both verdicts have to be the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from engine.descriptor.grammar import COMPONENT, PORT, ROOT, STANDARD_BEYOND, STANDARD_SHAPES, TASK, Shape

AGREEMENTS = ("promises", "expectations", "obligations")


@dataclass(frozen=True)
class Rule:
    """One difference: what it is, why it is, and how a document loses it (the answer tells whether it had it)."""

    name: str
    accepts: str
    why: str
    source: str
    repair: Callable[[Any], bool]


@dataclass(frozen=True)
class Spot:
    """One value at a place that DPDS knows, inside what holds it."""

    holder: Any
    key: Any
    shape: Shape
    parent: str

    @property
    def value(self) -> Any:
        return self.holder[self.key]

    @property
    def fields(self) -> Any:
        """The value if it is an object, else an empty one."""
        return self.value if isinstance(self.value, dict) else {}


def spots(document: Any) -> Iterator[Spot]:
    """Every value at a known place, outermost first, the document itself included."""
    pending = [Spot([document], 0, ROOT, "")]
    while pending:
        spot = pending.pop()
        if isinstance(spot.holder, dict) and spot.key not in spot.holder:
            continue  # a repair took it away
        yield spot
        value, shape = spot.value, spot.shape
        if isinstance(value, list) and shape.items is not None:
            pending += [Spot(value, at, shape.items, str(spot.key)) for at in range(len(value))]
        elif isinstance(value, dict) and not shape.opaque:
            inner = shape.fields if shape.items is None else dict.fromkeys(value, shape.items)
            pending += [Spot(value, key, inner[key], str(spot.key)) for key in inner if key in value]


def at_spots(change: Callable[[Spot], bool]) -> Callable[[Any], bool]:
    """A repair that looks at every spot."""
    return lambda document: sum(change(spot) for spot in spots(document)) > 0


def put(spot: Spot, value: Any) -> bool:
    spot.holder[spot.key] = value
    return True


def null_fields(spot: Spot) -> bool:
    linked = [one for one in spot.fields.values() if isinstance(one, dict) and "$href" in one]
    found = False
    for holder in [spot.fields, *linked] if not spot.shape.opaque else []:
        for key in [key for key in holder if holder[key] is None and not key.startswith("x-")]:
            del holder[key]
            found = True
    return found


def agreement_by_reference(spot: Spot) -> bool:
    is_agreement = spot.key in (*AGREEMENTS, "configurations")
    return is_agreement and isinstance(spot.fields.get("$ref"), str) and put(spot, {})


def definition_by_reference(spot: Spot) -> bool:
    by_reference = spot.shape is STANDARD_BEYOND and isinstance(spot.fields.get("$ref"), str)
    return by_reference and put(spot, {"name": "a", "version": "1", "specification": "a", "definition": {}})


def beside_reference(spot: Spot) -> bool:
    is_place = spot.shape in (PORT, COMPONENT) or spot.key == "template"
    beside = spot.fields.keys() - {"$ref", "mediaType"}
    return is_place and isinstance(spot.fields.get("$ref"), str) and bool(beside) and put(spot, _only_reference(spot))


def _only_reference(spot: Spot) -> dict[str, Any]:
    return {key: value for key, value in spot.fields.items() if key in ("$ref", "mediaType")}


def unnamed_definition(spot: Spot) -> bool:
    missing = {"name", "version"} - spot.fields.keys()
    if spot.shape not in STANDARD_SHAPES or "definition" not in spot.fields or not missing:
        return False
    spot.fields.update(dict.fromkeys(missing, "1"))
    return True


def service_by_reference(spot: Spot) -> bool:
    service = spot.fields.get("service")
    if spot.shape is not TASK or not isinstance(service, dict) or not isinstance(service.get("$ref"), str):
        return False
    spot.fields["service"] = {"$href": "a"}
    return True


def read_only_name(spot: Spot) -> bool:
    if spot.key != "info" or "fullyQualifiedName" in spot.fields or not spot.fields:
        return False
    spot.fields["fullyQualifiedName"] = "a"
    return True


def empty_text(spot: Spot) -> bool:
    required = ("id",) if spot.key == "owner" else ("name", "version", "domain", "specification")
    empty = [key for key in required if spot.fields.get(key) == ""]
    spot.fields.update(dict.fromkeys(empty, "a"))
    return bool(empty)


def reference_no_text(spot: Spot) -> bool:
    found = spot.shape.reference and "$ref" in spot.fields and not isinstance(spot.fields["$ref"], str)
    if found:
        del spot.fields["$ref"]
    return found


def fractional_order(spot: Spot) -> bool:
    order = spot.fields.get("order")
    if spot.shape is not TASK or not isinstance(order, float) or order.is_integer():
        return False
    spot.fields["order"] = 1
    return True


def undeclared_components(spot: Spot) -> bool:
    found = [key for key in ("apis", "templates") if spot.key == "components" and key in spot.fields]
    for key in found:
        del spot.fields[key]
    return bool(found)


def component_keys(spot: Spot) -> bool:
    wrong = [key for key in spot.fields if spot.parent == "components" and not re.fullmatch("[a-zA-Z0-9._-]+", key)]
    for key in wrong:
        spot.fields["repaired" + key.encode().hex()] = spot.fields.pop(key)
    return bool(wrong)


def reading(spot: Spot) -> bool:
    if spot.shape is not PORT or not spot.fields.keys() & {"dependsOn", "x-dependsOn"}:
        return False
    spot.fields.pop("dependsOn", None)
    spot.fields.pop("x-dependsOn", None)
    return True


def misspelt(spot: Spot) -> bool:
    return spot.key == "promises" and spot.fields.pop("depreceationPolicy", None) is not None


LOOSER, STRICTER = "meshgate", "official schema"
RULES: tuple[Rule, ...] = (
    Rule(
        "null-fields",
        LOOSER,
        "Serialisers of Open Data Mesh write `null` for fields that are not set; the registry's own valid sample does. "
        "Accepted with DP351.",
        "1.7",
        at_spots(null_fields),
    ),
    Rule(
        "agreement-by-reference",
        LOOSER,
        "`promises`, `expectations`, `obligations` and `configurations` may be references by the text, but a reference "
        "matches both branches of the schema's `oneOf`, which therefore always refuses it. Accepted with DP253.",
        "1.8, row 4",
        at_spots(agreement_by_reference),
    ),
    Rule(
        "definition-by-reference",
        LOOSER,
        "`promises.api` and the other standard definitions of a port are references in the published fixtures; the "
        "schema has no branch for it. Accepted with DP253.",
        "1.8, row 6",
        at_spots(definition_by_reference),
    ),
    Rule(
        "fields-beside-reference",
        LOOSER,
        "A reference may carry a description, and what else stands beside `$ref` is ignored; with name and version it "
        "matches both branches of the schema's `oneOf`. Accepted with DP252.",
        "1.8, row 4",
        at_spots(beside_reference),
    ),
    Rule(
        "unnamed-definition",
        LOOSER,
        "The text's own example of a standard definition has no name, and Open Data Mesh fills name and version in. "
        "Accepted with DP354.",
        "1.7; 1.8, row 8",
        at_spots(unnamed_definition),
    ),
    Rule(
        "service-by-reference",
        LOOSER,
        "The service of a task is a reference in the text and an external resource in the schema. Accepted with DP353.",
        "1.8, row 5",
        at_spots(service_by_reference),
    ),
    Rule(
        "read-only-name",
        LOOSER,
        "`info.fullyQualifiedName` is read-only in the text, set by the platform, but required by the schema. It is "
        "filled in.",
        "1.8, row 2",
        at_spots(read_only_name),
    ),
    Rule(
        "empty-text",
        STRICTER,
        "A required name, version, domain, specification or owner's id that is empty says nothing. Refused with DP305.",
        "1.2",
        at_spots(empty_text),
    ),
    Rule(
        "reference-no-text",
        STRICTER,
        "A `$ref` that is no text can name nothing, but an object that holds one matches the other branch of the "
        "schema's `oneOf`. Refused with DP205 or DP302.",
        "1.8, row 3",
        at_spots(reference_no_text),
    ),
    Rule(
        "fractional-order",
        STRICTER,
        "`order` is `integer:int32` in the text and `number` in the schema. Refused with DP302.",
        "1.8, row 11",
        at_spots(fractional_order),
    ),
    Rule(
        "undeclared-components",
        STRICTER,
        "The schema does not declare `components.apis` and `components.templates`, so that anything may stand there. "
        "meshgate reads them as standard definitions.",
        "1.8, row 3",
        at_spots(undeclared_components),
    ),
    Rule(
        "component-keys",
        STRICTER,
        "The text wants keys below `components` to be letters, digits, `.`, `-` and `_`; the schema does not ask. "
        "Refused with DP304.",
        "1.3",
        at_spots(component_keys),
    ),
    Rule(
        "reading",
        STRICTER,
        "`dependsOn` of an input port (RFC 83) is unknown to the schema. It is lineage: a text, or a list with DP355.",
        "DESIGN 3.5",
        at_spots(reading),
    ),
    Rule(
        "misspelt-policy",
        STRICTER,
        "`depreceationPolicy` is how the text spells it. It is read as `deprecationPolicy` with DP352, and has to be a "
        "standard definition, too.",
        "1.8, row 7",
        at_spots(misspelt),
    ),
)
