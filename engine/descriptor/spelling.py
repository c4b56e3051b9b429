"""Which unknown fields look like typing errors of fields that DPDS knows at their place?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Final

from engine.descriptor import schema
from engine.descriptor.grammar import COMPONENT, PORT, STANDARD_SHAPES, TASK, Shape
from engine.descriptor.normalisation import MISSPELT
from engine.descriptor.problems import problem
from engine.descriptor.subject import Subject
from engine.model import Json, Path, Problem

_CLOSE: Final = 0.75
_CLOSER: Final = 0.9
"""Asked for beside the field itself: there a likeness may be meant, as in `tag` beside `tags`."""

_LOOKED_AT: Final = 500
"""Comparing costs far more than looking up: of a document with more unknown fields, the first are compared."""

_COLLECTIONS: Final = {
    "inputPorts": "inputPort",
    "applicationComponents": "applicationComponent",
    "infrastructuralComponents": "infrastructuralComponent",
    "contactPoints": "contactPoint",
}


def unknown_fields(subject: Subject) -> Iterator[Problem]:
    """Fields that DPDS ignores but spells nearly so, best one that the object lacks; never in extensions."""
    for path, field, missing, known in islice(_unknown(subject), _LOOKED_AT):
        if meant := _meant(field, missing, _CLOSE) or _meant(field, known, _CLOSER):
            below = (*path, field)
            msg = f"{field} is no field of DPDS here and is ignored"
            place = subject.provenance.locate_key(below)
            yield problem("DP358", msg, below, place, f"did you mean {meant}?")


def stray_references(subject: Subject) -> Iterator[Problem]:
    """Each `$ref` where DPDS has no reference: it is not followed, and what it names is missing without a word."""
    for path, value, shape in subject.objects:
        if "$ref" in value and not shape.reference:
            below = (*path, "$ref")
            msg = "$ref is not followed here; what it names is missing"
            hint = "write here what it names, or refer to whole ports, components, agreements and definitions"
            yield problem("DP359", msg, below, subject.provenance.locate_key(below), hint)


def _unknown(subject: Subject) -> Iterator[tuple[Path, str, frozenset[str], frozenset[str]]]:
    for path, value, shape in subject.objects:
        if (definition := _definition(path, shape)) is None or "$ref" in value:
            continue
        known = _known(definition)
        if not known.issuperset(value):
            missing = known - value.keys()
            yield from ((path, key, missing, known) for key in value if key not in known and not key.startswith("x-"))


def _definition(path: Path, shape: Shape) -> str | None:
    """The name of the definition in the schema that says which fields an object has."""
    if shape in STANDARD_SHAPES:
        return "standardDefinition"
    if shape is TASK:
        return "task"
    if shape is PORT or shape is COMPONENT:
        return _COLLECTIONS.get(str(path[-2]), "port")
    if shape.items is not None:
        return None
    if path and type(path[-1]) is int:
        return _COLLECTIONS[str(path[-2])]
    return str(path[-1]) if path else ""


@cache
def _known(definition: str) -> frozenset[str]:
    """Every field of one kind of object; "" is the document itself."""
    whole = schema.document()
    told: dict[str, Json] = whole["$defs"][definition] if definition else whole
    inherited = (one["$ref"].rpartition("/")[2] for one in told.get("allOf", ()))
    return frozenset(told.get("properties", ())).union(*map(_known, inherited))


def _meant(field: str, fields: frozenset[str], close: float) -> str | None:
    from difflib import get_close_matches  # only a document with unknown fields pays for it

    spelt = {one.lower(): one for one in sorted(fields) if one != MISSPELT and not one.startswith("_")}
    found = get_close_matches(field.lower(), spelt, 1, close) if len(field) < 50 else ()
    return spelt[found[0]] if found else None
