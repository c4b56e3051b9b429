"""Which paths of the input do the rules of a module read, followed through the variables that stand for them?

Read from syntax trees, as `references` does. What a rule hands to a function is not followed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.model import Json
from engine.policy import references

Step = str | None
_REFERENCES = ("Var", "RefDot", "RefBrack", "Call")


@dataclass(frozen=True, slots=True)
class Read:
    """One path below `input`, None for a computed step, and the byte at which it is written.

    The first `given` steps are those that a variable stands for: they are written elsewhere.
    """

    steps: tuple[Step, ...]
    start: int
    given: int = 0


def reads(tree: Mapping[str, Json], imports: Mapping[str, str]) -> Iterator[Read]:
    """Every path of the input that the module's rules name, in the order of the tree."""
    text = tree["source"]["contents"].encode()
    rules = [body for rule in tree["ast"]["rules"] for body in rule.values()]
    known = {name: [*target.split(".")] for name, target in imports.items()} | dict(_named(rules))
    for rule in rules:
        meant = {**known, **_variables(rule, text)}
        for steps, start in _references(rule):
            full = _followed(steps, meant)
            if full[:1] == ["input"] and len(full) > 1:
                yield Read(tuple(full[1:]), start, len(full) - len(steps))


def _followed(steps: Sequence[Step], meant: Mapping[str, Sequence[Step]]) -> list[Step]:
    """The steps with what their first one stands for, as often as there is something."""
    full = list(steps)
    for _ in range(len(meant) + 1):
        if not full or full[0] is None or full[0] not in meant or meant[full[0]][:1] == full[:1]:
            break
        full[:1] = meant[full[0]]
    return full


def _named(rules: Sequence[Mapping[str, Json]]) -> Iterator[tuple[str, list[Step]]]:
    """Rules that are another name for one reference: `ports := input.interfaceComponents.outputPorts`."""
    heads = [next(iter(rule["head"].items())) for rule in rules if "head" in rule]
    count = Counter(head["refr"]["Var"]["value"] for _, head in heads if "Var" in head["refr"])
    for shape, head in heads:
        name = head["refr"].get("Var", {}).get("value")
        is_alone = shape == "Compr" and name and count[name] == 1 and head.get("assign")
        if is_alone and (steps := _steps(head["assign"]["value"])):
            yield name, steps


def _variables(rule: Mapping[str, Json], text: bytes) -> dict[str, list[Step]]:
    """The variables of a rule that are declared once, as a name for a reference or for its items."""
    found: dict[str, list[Step]] = {}
    declared: Counter[str] = Counter()
    for kind, body in references.nodes(rule):
        for name, steps in _declared(kind, body, text):
            declared[name] += 1
            found[name] = steps
    return {name: steps for name, steps in found.items() if steps and declared[name] == 1}


def _declared(kind: str, body: Json, text: bytes) -> Iterator[tuple[str, list[Step]]]:
    if kind == "AssignExpr" and body["op"] == "ColEq" and "Var" in body["lhs"]:
        yield body["lhs"]["Var"]["value"], _steps(body["rhs"])
    elif kind == "SomeIn" and "Var" in body["value"]:
        yield body["value"]["Var"]["value"], _items(body["collection"])
    elif kind == "Every":
        span = body["value"]
        yield text[span["start"] : span["end"]].decode(), _items(body["domain"])


def _items(collection: Mapping[str, Json]) -> list[Step]:
    steps = _steps(collection)
    return [*steps, None] if steps else []


def _steps(node: Mapping[str, Json]) -> list[Step]:
    if not any(kind in node for kind in _REFERENCES):
        return []
    steps, _ = references.whole(node, lookups=True)
    return steps


def _references(tree: Json) -> Iterator[tuple[list[Step], int]]:
    """Every reference, through `object.get` too, each as long as it is written."""
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending += node
        elif isinstance(node, dict):
            kind = next((kind for kind in _REFERENCES if kind in node), None)
            steps, computed = references.whole(node, lookups=True) if kind else ([], [])
            if kind and (steps or computed != [node]):
                pending += computed
                if steps:
                    yield steps, node[kind]["span"]["start"]
            else:
                pending += [part for key, part in node.items() if key != "span"]
