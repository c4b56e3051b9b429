"""In which small ways can a policy be made wrong?

Every way is one change of the text at a place of its syntax tree: a condition negated or dropped, a comparison turned,
a constant changed, one of several definitions removed. Tests that notice none of a kind do not test that place.
"""

from __future__ import annotations

import difflib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from engine.model import Json
from engine.policy import syntax
from engine.policy.parsing import Parsed
from engine.policy.syntax import Module
from engine.policy.trying.edits import Edit, applied, extent
from engine.policy.trying.expressions import is_condition

_TURNED = {"==": "!=", "!=": "==", "<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_OPERATOR = re.compile(rb"[\s)]*(==|!=|<=|>=|<|>)")
_WORDING = "msg"
"""What a message says is for people: no test has to hold on to its words."""


class Change(StrEnum):
    """What was done to the policy."""

    NEGATED = "condition negated"
    DROPPED = "condition dropped"
    TURNED = "comparison turned"
    CONSTANT = "constant changed"
    REMOVED = "definition removed"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A policy with one change: the whole text of its module, and where it was changed (column in characters).

    `diff` are the lines that differ, as `-` and `+` lines.
    """

    change: Change
    file: str
    line: int
    column: int
    text: str
    diff: tuple[str, ...]


def of(parsed: Parsed) -> list[Mutant]:
    """Every mutant of a module, in the order of its places; two ways to the same text are one."""
    content = parsed.module.text
    rules = list(chain.from_iterable(one.values() for one in parsed.tree["ast"]["rules"]))
    edits = [*_removed(rules), *chain.from_iterable(_changes(rule, content) for rule in rules)]
    found: dict[str, Mutant] = {}
    for change, edit in sorted(edits, key=lambda one: (one[1], one[0])):
        mutant = _mutant(parsed.module, change, edit)
        found.setdefault(mutant.text, mutant)
    return [one for one in found.values() if one.text != content.decode()]


def _mutant(module: Module, change: Change, edit: Edit) -> Mutant:
    line, column = module.place(edit.start)
    before = module.text.decode()
    text = applied(before, [edit])
    lines = difflib.unified_diff(before.splitlines(), text.splitlines(), lineterm="", n=0)
    diff = [one for one in lines if one[:1] in ("-", "+") and one[:3] not in ("---", "+++")]
    return Mutant(change, module.path, line, column, text, tuple(diff))


def _removed(rules: Iterable[Json]) -> Iterator[tuple[Change, Edit]]:
    """Without one of several definitions of a name: the only one cannot go, or nothing would load."""
    definitions = [rule for rule in rules if "head" in rule]
    count = Counter(map(_named, definitions))
    for rule in definitions:
        if count[_named(rule)] > 1:
            yield Change.REMOVED, Edit(*extent(rule), "")


def _named(rule: Json) -> str:
    return syntax.name(next(iter(rule["head"].values()))["refr"])


def _changes(rule: Json, content: bytes) -> Iterator[tuple[Change, Edit]]:
    pending: list[Json] = [rule]
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending += node
        elif isinstance(node, dict):
            yield from _of_node(node, content)
            pending += _below(node)


def _below(node: Mapping[str, Json]) -> Iterator[Json]:
    """What of a node may be changed: no key of an object, no wording of a message, no print, no `with`."""
    for kind, body in node.items():
        if kind == "Object":
            yield from (value for _, key, value in body["fields"] if _text(key) != _WORDING)
        elif not _left_alone(kind, body):
            yield body


def _left_alone(kind: str, body: Json) -> bool:
    if kind == "AssignExpr":
        return syntax.name(body["lhs"]) == _WORDING
    if kind == "Call":
        return syntax.name(body["fcn"]) == "print"
    return kind in ("span", "refr", "fcn", "with_mods")


def _text(node: Json) -> str:
    return str(node["String"]["value"]) if "String" in node else ""


def _of_node(node: Mapping[str, Json], content: bytes) -> Iterator[tuple[Change, Edit]]:
    if "literal" in node:
        yield from _statement(node, content)
    elif "BoolExpr" in node:
        after = extent(node["BoolExpr"]["lhs"])[1]
        if found := _OPERATOR.match(content, after):
            yield Change.TURNED, Edit(*found.span(1), _TURNED[found[1].decode()])
    else:
        yield from _constant(node, content)


def _statement(node: Mapping[str, Json], content: bytes) -> Iterator[tuple[Change, Edit]]:
    if not is_condition(node):
        return
    start, end = extent(node)
    yield Change.DROPPED, Edit(start, end, "true")
    if "NotExpr" in node["literal"]:
        inside = content[start:end].removeprefix(b"not").lstrip()
        yield Change.NEGATED, Edit(start, end - len(inside), "")
    elif "Expr" in node["literal"]:
        yield Change.NEGATED, Edit(start, start, "not ")


def _constant(node: Mapping[str, Json], content: bytes) -> Iterator[tuple[Change, Edit]]:
    ((kind, body), *_) = node.items()
    if kind == "String":
        yield Change.CONSTANT, Edit(*extent(node), json.dumps(f"{body['value']}~", ensure_ascii=False))
    elif kind == "RawString":
        yield Change.CONSTANT, Edit(*extent(node), f"`{body['value']}~`")
    elif kind == "Number":
        yield Change.CONSTANT, Edit(*extent(node), str(body["value"] + 1))
    elif kind == "Bool":
        yield Change.CONSTANT, Edit(*extent(node), "false" if body["value"] else "true")
