"""What do the rules of a Rego module define, and what do they call?

Reads the syntax trees that regorus writes as JSON; a tree node is an object with one key, its kind.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from engine.model import Json
from engine.policy import references
from engine.policy.references import Rule


@dataclass(frozen=True, slots=True)
class Definition:
    """One rule as defined at one place: `shape` is `Set`, `Compr` (a value or an object), `Func` or `Default`."""

    name: str
    shape: str
    arity: int
    keyed: bool
    start: int
    values: frozenset[str] = frozenset()
    """The kinds of the terms that a value is given as: `String`, `Number`, `Var`, …"""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a function; `name` as written, with dots."""

    name: str
    arguments: int
    start: int


@dataclass(frozen=True, slots=True)
class Replacement:
    """One `with target as …`: both as dotted names, empty where the value is no name."""

    target: str
    value: str
    start: int


@dataclass(frozen=True, slots=True)
class Module:
    """One module: its package without `data.`, and what it imports, defines, calls and replaces.

    `start` of what stands in it counts bytes; `place` answers where that is for a reader.
    """

    path: str
    package: str
    start: int
    imports: Mapping[str, str]
    definitions: Sequence[Definition]
    calls: Sequence[Call]
    replacements: Sequence[Replacement]
    rules: Sequence[Rule]
    text: bytes

    def place(self, start: int) -> tuple[int, int]:
        """The line and the column, in characters, at which the byte with this number stands."""
        lines = _line_starts(self.text)
        line = bisect_right(lines, start)
        return line, len(self.text[lines[line - 1] : start].decode(errors="replace")) + 1


@lru_cache(maxsize=64)
def _line_starts(text: bytes) -> Sequence[int]:
    """The number of the byte with which each line begins; a module with many flaws is asked for as many places."""
    return [0, *(found.end() for found in re.finditer(b"\n", text))]


def module(tree: Mapping[str, Json]) -> Module:
    """The module of one syntax tree."""
    source, ast = tree["source"], tree["ast"]
    text = source["contents"].encode()
    rules = [node for rule in ast["rules"] for node in rule.items()]
    calls, replacements = _uses(ast["rules"])
    return Module(
        path=source["file"],
        package=name(ast["package"]["refr"]),
        start=ast["package"]["span"]["start"],
        imports=dict(_import(one, text) for one in ast["imports"]),
        definitions=[_definition(shape, rule) for shape, rule in rules],
        calls=calls,
        replacements=replacements,
        rules=references.rules(ast["rules"], text),
        text=text,
    )


def name(node: Json) -> str:
    """The dotted name that a reference spells (`data.lib.x`); empty for anything else."""
    (kind, body), *_ = node.items()
    if kind == "Var":
        return str(body["value"])
    if kind == "RefDot":
        head, step = name(body["refr"]), body["field"][1]
    elif kind == "RefBrack" and "String" in body["index"]:
        head, step = name(body["refr"]), body["index"]["String"]["value"]
    else:
        return ""
    return f"{head}.{step}" if head else ""


def _import(node: Mapping[str, Json], text: bytes) -> tuple[str, str]:
    target = name(node["refr"])
    alias = node.get("as")
    if alias is None:
        return target.rpartition(".")[2], target
    return text[alias["start"] : alias["end"]].decode(), target


def _definition(shape: str, rule: Mapping[str, Json]) -> Definition:
    start = rule["span"]["start"]
    if shape == "Default":
        named, _ = _head(rule["refr"])
        return Definition(named, shape, len(rule["args"]), False, start, frozenset(rule["value"]))
    ((kind, head),) = rule["head"].items()
    named, keyed = _head(head["refr"])
    return Definition(named, kind, len(head.get("args", ())), keyed, start, _values(head, rule["bodies"]))


def _values(head: Mapping[str, Json], bodies: Sequence[Mapping[str, Json]]) -> frozenset[str]:
    """The kinds of the terms that the head, or an `else`, gives as value."""
    given = [one["assign"]["value"] for one in (head, *bodies) if one.get("assign")]
    return frozenset(kind for value in given for kind in value)


def _head(reference: Json) -> tuple[str, bool]:
    """The name of a rule's head, and whether it goes on with a key that is no constant (`p[x]`) or any bracket."""
    if "RefBrack" in reference:
        return _head(reference["RefBrack"]["refr"])[0], True
    return name(reference), False


def _uses(rules: Sequence[Json]) -> tuple[list[Call], list[Replacement]]:
    calls: list[Call] = []
    replacements: list[Replacement] = []
    for kind, body in references.nodes(rules):
        if kind == "Call":
            calls.append(Call(name(body["fcn"]), len(body["params"]), body["span"]["start"]))
        elif kind == "with_mods":
            replacements += map(_replacement, body)
    return calls, replacements


def _replacement(node: Mapping[str, Json]) -> Replacement:
    return Replacement(name(node["refr"]), name(node["as"]), node["span"]["start"])
