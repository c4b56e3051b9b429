"""What does each rule of a Rego module refer to?

Reads the syntax trees that regorus writes as JSON, as `syntax` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.model import Json

Steps = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """One use of a name: its steps as far as they are constant, the first one as written; `start` counts bytes."""

    steps: Steps
    start: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as defined at one place: its name, what it refers to, and the variables it declares itself.

    `lookups` are the references once more, going on through `object.get` where its path is constant.
    """

    name: Steps
    start: int
    references: Sequence[Reference]
    lookups: Sequence[Reference]
    variables: frozenset[str]


def rules(trees: Sequence[Mapping[str, Json]], text: bytes) -> list[Rule]:
    """The rules of a module, from their trees and the text these were made of."""
    return [_rule(body, text) for tree in trees for body in tree.values()]


def _rule(rule: Mapping[str, Json], text: bytes) -> Rule:
    head = next(iter(rule["head"].values())) if "head" in rule else rule
    name, computed = chain(head["refr"])
    parts = [rule.get("bodies"), computed, [part for key, part in head.items() if key not in ("refr", "span")]]
    arguments = (one.steps[0] for one in _references(head.get("args", [])))
    return Rule(
        name=name,
        start=rule["span"]["start"],
        references=list(_references(parts)),
        lookups=list(_references(parts, lookups=True)),
        variables=frozenset([*arguments, *_declared(parts, text)]),
    )


def chain(node: Mapping[str, Json], *, lookups: bool = False) -> tuple[Steps, list[Json]]:
    """The constant steps that a reference begins with, none where it begins with no name, and what it computes."""
    steps, computed = whole(node, lookups=lookups)
    constant_steps = steps[: steps.index(None)] if None in steps else steps
    return tuple(str(step) for step in constant_steps), computed


def whole(node: Mapping[str, Json], *, lookups: bool = False) -> tuple[list[str | None], list[Json]]:
    """Every step of a reference, None for one that is computed, and what it computes; no step where it has no name."""
    steps: list[str | None] = []
    computed: list[Json] = []
    while "Var" not in node:
        if "RefDot" in node:
            steps.append(node["RefDot"]["field"][1])
            node = node["RefDot"]["refr"]
        elif "RefBrack" in node:
            index = node["RefBrack"]["index"]
            constant = index["String"]["value"] if "String" in index else None
            steps.append(constant)
            computed += [] if constant is not None else [index]
            node = node["RefBrack"]["refr"]
        elif lookups and looks_up(node):
            base, path, *computed_too = node["Call"]["params"]
            steps += reversed(constant_path(path))
            computed += [path, *computed_too]
            node = base
        else:
            return [], [*computed, node]
    steps.append(node["Var"]["value"])
    steps.reverse()
    return steps, computed


def looks_up(node: Mapping[str, Json]) -> bool:
    """Whether this is `object.get(value, path, default)`."""
    called = node.get("Call")
    return bool(called and len(called["params"]) > 1 and chain(called["fcn"])[0] == ("object", "get"))


def constant_path(node: Mapping[str, Json]) -> list[str | None]:
    """The steps that `object.get` takes, None for one that is not constant."""
    items = node["Array"]["items"] if "Array" in node else [node]
    return [item["String"]["value"] if "String" in item else None for item in items]


def _references(tree: Json, *, lookups: bool = False) -> Iterator[Reference]:
    """Every reference in the tree, without recursion."""
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending += node
        elif isinstance(node, dict):
            kind = next((kind for kind in ("Var", "RefDot", "RefBrack", "Call") if kind in node), None)
            if kind is None or (kind == "Call" and not (lookups and looks_up(node))):
                pending += [part for key, part in node.items() if key != "span"]
                continue
            steps, computed = chain(node, lookups=lookups)
            pending += computed
            if steps:
                yield Reference(steps, node[kind]["span"]["start"])


def nodes(tree: Json) -> Iterator[tuple[str, Json]]:
    """Every keyed value in the tree, without recursion."""
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending += node
        elif isinstance(node, dict):
            for kind, body in node.items():
                if kind != "span" and isinstance(body, (dict, list)):
                    yield kind, body
                    pending.append(body)


def _declared(tree: Json, text: bytes) -> Iterator[str]:
    """The variables that `:=`, `some` and `every` declare anywhere in the tree."""
    for kind, body in nodes(tree):
        yield from _declaring(kind, body, text)


def _declaring(kind: str, body: Json, text: bytes) -> Iterator[str]:
    if kind == "AssignExpr" and body["op"] == "ColEq":
        yield from (one.steps[0] for one in _references(body["lhs"]))
    elif kind == "SomeIn":
        yield from (one.steps[0] for one in _references([body["key"], body["value"]]))
    elif kind == "SomeVars":
        yield from (_written(one, text) for one in body["vars"])
    elif kind == "Every":
        yield from (_written(one, text) for one in (body["key"], body["value"]) if one)


def _written(span: Mapping[str, Json], text: bytes) -> str:
    return text[span["start"] : span["end"]].decode()
