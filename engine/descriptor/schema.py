"""Does the effective document keep to the JSON Schema of DPDS 1.0.0, and if not, what is wrong where?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, NoReturn

from engine.descriptor.problems import problem
from engine.descriptor.provenance import Provenance
from engine.model import Json, Path, Problem

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator

_KINDS: Final = {
    "string": "a string",
    "object": "an object",
    "array": "a list",
    "integer": "an integer",
    "null": "null",
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken keyword: where in the document, which keyword, and its parameter in the schema."""

    path: Path
    keyword: str
    parameter: Json


def document() -> dict[str, Json]:
    """Our JSON Schema of DPDS 1.0.0."""
    text = (resources.files("engine.descriptor") / "schemas" / "dpds-1.0.0.json").read_text("utf-8")
    schema: dict[str, Json] = json.loads(text)
    return schema


def refuse_to_fetch(uri: str) -> NoReturn:
    """What validators are given to retrieve schemas with: nothing is ever fetched."""
    raise LookupError(f"{uri} is not part of the schema, and nothing is fetched")


@cache
def _validator() -> Draft202012Validator:
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator(document(), retriever=refuse_to_fetch, validate_formats=False)


def violations(value: Json) -> list[Violation]:
    """Every broken keyword once, in a fixed order; fast for a valid document."""
    validator = _validator()
    if validator.is_valid(value):
        return []
    found = {
        str(one := _violation(tuple(error.instance_path), error.kind)): one for error in validator.iter_errors(value)
    }
    return [found[text] for text in sorted(found)]


def _violation(path: Path, kind: Any) -> Violation:
    parameter = kind.value
    match kind.name:
        case "type":
            parameter = sorted(parameter)
        case "propertyNames":
            parameter = kind.error.instance
    return Violation(path, kind.name, parameter)


def check(value: dict[str, Json], provenance: Provenance) -> Iterator[Problem]:
    """The problems of an effective document with the schema."""
    for violation in violations(value):
        yield _problem(violation, value, provenance)


def _problem(violation: Violation, document: Json, provenance: Provenance) -> Problem:
    path = violation.path
    found = at(document, path)
    match violation.keyword:
        case "required":
            missing = violation.parameter
            here = f"{_name(path)} has" if path else "the document has"
            return problem("DP301", f"{here} no {missing}", (*path, missing), provenance.locate(path))
        case "type":
            return _wrong_type(violation, found, provenance)
        case "propertyNames":
            msg = f"the key {violation.parameter!r} may hold only letters, digits, '.', '-' and '_'"
            below = (*path, violation.parameter)
            return problem("DP304", msg, below, provenance.locate_key(below))
        case "minLength":
            return problem("DP305", f"{_name(path)} is empty", path, provenance.locate(path))
    msg = f"{_name(path)} breaks {violation.keyword} {json.dumps(violation.parameter)}"
    return problem("DP309", msg, path, provenance.locate(path))


def _wrong_type(violation: Violation, found: Json, provenance: Provenance) -> Problem:
    path, wanted = violation.path, [one for one in violation.parameter if one != "null"]
    expected = " or ".join(_KINDS[one] for one in wanted)
    hint = ""
    if "string" in wanted and type(found) in (bool, int, float):
        written = provenance.written(path)
        label = f"{path[-1]}: " if path and type(path[-1]) is str else ""
        hint = f"write {label}'{written}' quoted"
    msg = f"{_name(path)} is {_described(found)}, not {expected}"
    return problem("DP302", msg, path, provenance.locate(path), hint)


def _name(path: Path) -> str:
    """How a message names a place: its last key, with the index where it is an item."""
    if not path:
        return "the document"
    if type(path[-1]) is int and len(path) > 1:
        return f"{path[-2]}[{path[-1]}]"
    return str(path[-1])


def _described(value: Json) -> str:
    match value:
        case bool() | int() | float():
            return f"{'the number ' if type(value) is not bool else ''}{json.dumps(value)}"
        case None:
            return "null"
        case str():
            return "a string"
        case list():
            return "a list"
    return "an object"


def at(document: Json, path: Path) -> Json:
    """The value at a path that exists."""
    for step in path:
        document = document[step]
    return document
