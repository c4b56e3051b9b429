"""How is each of the common sentences written in Rego?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.model import Json
from engine.policy.drafting import words
from engine.policy.drafting.places import Place

_CONSUMER = ("consumer.product", "consumer.domain", "params.value")
_BEFORE = len('        "msg": ,')
FILLED = """\
_filled(node) if {{
	value := node{below}
	not _empty(value)
}}

_empty(value) if value in [null, [], {{}}]

_empty(value) if {{
	is_string(value)
	trim_space(value) == ""
}}
"""
MATCHES = """\
_matches(value) if {
	is_string(value)
	regex.match(params.pattern, value)
}
"""
ENOUGH = """\
_enough(value) if {
	is_number(value)
	value >= params.minimum
}

_enough(value) if {
	is_array(value)
	count(value) >= params.minimum
}
"""
HOLDS = """\
{name}(node) if node{below} == params.value

{name}(node) if params.value in node{below}
"""


PARTS = re.compile(r"[.:/ ]+")
PLACED = """\
_placed(platform) if {
	is_string(platform)
	some part in regex.split(`[.:/ ]+`, lower(platform))
	part in params.platforms
}
"""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that an assignment may set otherwise: its default, and its JSON Schema."""

    default: Json
    schema: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a policy: their text, the finding codes with title and remediation, parameters and needs."""

    text: str
    codes: Mapping[str, tuple[str, str]]
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    needs: tuple[str, ...] = ()


def texts(default: list[str], description: str) -> Parameter:
    """A parameter that is a list of texts."""
    return Parameter(default, {"description": description, "type": "array", "items": {"type": "string"}})


def missing(place: Place, *, where: str = "") -> str:
    """The rule that finds a field missing or empty; `where` is a condition before it."""
    item, node = _item(place)
    msg = words.rego(f"{place} is missing or empty.")
    return _violation([*item, *([where] if where else []), f"not _filled({node})"], "missing", msg, place.path)


def judged(place: Place, condition: str, code: str, msg: str, *, required: bool) -> str:
    """The rule that finds a value, where it is given, to be of the wrong kind."""
    item, node = _item(place)
    given = [*item, f"_filled({node})", f"value := {node}{place.below}"]
    lines = given if required else [f"value := {place.reference}"]
    return _violation([*lines, condition], code, msg, place.path)


def flowing(place: Place, port: Place | None) -> str:
    """The rule that finds a consumer in a domain to which what is marked must not flow."""
    item, node = _item(place)
    msg = message("%s of %s reads this: what is marked %s must not flow there.", *_CONSUMER)
    lines = [
        *item,
        f"_marked({node})",
        "consumer := input._context.mesh.consumers[_]",
        *([f"consumer.port == {node}.name"] if port else []),
        "consumer.domain in params.domains",
    ]
    return _violation(lines, "flows_there", msg, (port or place).path)


def offered(place: Place, ports: Place) -> str:
    """The rule that finds an output port on a platform to which what is marked must not flow.

    The mark stands at the port itself, or at the product whose ports these are.
    """
    item, node = _item(place)
    own = bool(place.above.steps)
    msg = message("This is offered on a platform to which what is marked %s must not flow.", "params.value")
    lines = [
        *item,
        f"_marked({node})",
        *([] if own else [f"port := {ports.reference}"]),
        f"_placed({node if own else 'port'}.promises.platform)",
    ]
    return _violation(lines, "offered_there", msg, (ports if own else place).path)


def message(format: str, *arguments: str) -> str:
    """The message of a finding, with these terms in it."""
    return words.call("sprintf", format, ", ".join(arguments), used=_BEFORE)


def item_of(place: Place) -> str:
    """The item, or the document, that the place belongs to, as it is reached from the input."""
    return place.above.reference


def _item(place: Place) -> tuple[list[str], str]:
    """The line that names the item to which the field belongs, and its name; the document needs no line."""
    return ([f"item := {item_of(place)}"], "item") if place.above.steps else ([], "input")


def _violation(conditions: list[str], code: str, msg: str, path: str) -> str:
    lines = "".join(f"\t{line}\n" for line in conditions)
    found = f'\t\t"code": "{code}",\n\t\t"msg": {msg},\n\t\t"path": {path},\n'
    return f"violation contains finding if {{\n{lines}\tfinding := {{\n{found}\t}}\n}}\n"
