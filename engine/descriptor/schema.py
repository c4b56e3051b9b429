"""Does the effective document keep to the JSON Schema of DPDS 1.0.0, and if not, what is wrong where?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path as File
from typing import TYPE_CHECKING, Final, NoReturn

from engine.descriptor.problems import problem
from engine.descriptor.provenance import Provenance
from engine.descriptor.reference import lookup
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
    schema: dict[str, Json] = json.loads((File(__file__).parent / "schemas" / "dpds-1.0.0.json").read_bytes())
    return schema


_schema: Final = cache(document)


def refuse_to_fetch(uri: str) -> NoReturn:
    """What validators are given to retrieve schemas with: nothing is ever fetched."""
    raise LookupError(f"{uri} is not part of the schema, and nothing is fetched")


@cache
def _validator() -> Draft202012Validator:
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator(_schema(), retriever=refuse_to_fetch, validate_formats=False)


def violations(value: Json, most: int | None = None) -> list[Violation]:
    """Every broken keyword once (the first `most` of them), in a fixed order; fast for a valid document."""
    validator = _validator()
    if validator.is_valid(value):
        return []
    # Not iter_errors: its instance_path drops empty keys and turns keys such as "01" into numbers.
    errors = {(one["instanceLocation"], one["schemaLocation"]) for one in validator.evaluate(value).errors()}
    read = (one for error in sorted(errors) for one in _read(value, *error))
    found = {str(one): one for one in islice(read, most)}
    return [found[text] for text in sorted(found)]


def _read(value: Json, instance_location: str, schema_location: str) -> Iterator[Violation]:
    node, path = lookup(value, _steps(instance_location))
    location = _steps(schema_location.partition("#")[2])
    parameter, _ = lookup(_schema(), location)
    match location[-1]:
        case "required":
            yield from (Violation(path, "required", field) for field in parameter if field not in node)
        case "type":
            yield Violation(path, "type", sorted(parameter) if type(parameter) is list else [parameter])
        case "pattern" if type(node) is dict:
            yield from (Violation(path, "propertyNames", key) for key in node if not re.search(parameter, key))
        case keyword:
            yield Violation(path, keyword, parameter)


def _steps(location: str) -> tuple[str, ...]:
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in location.split("/")[1:])


def check(value: dict[str, Json], provenance: Provenance, most: int | None = None) -> Iterator[Problem]:
    """The (first `most`) problems of an effective document with the schema."""
    for violation in violations(value, most):
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
