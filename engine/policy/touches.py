"""Where does each rule of a Rego module take hold of a name, and how far does it follow that name by constant steps?

A superset of what it can do while it runs: a name that a variable hides counts as well, because which of the two is
meant is only told by scopes that nobody has to get right here. Reads the syntax trees that regorus writes as JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.model import Json
from engine.policy.references import Steps, chain, constant_path, looks_up

LOOKED_UP = -1


@dataclass(frozen=True, slots=True)
class Touch:
    """One use of a name: the constant steps that follow it, the name first.

    A name that is handed to a call as it is says to which function (`called`, as written) and in which place;
    place `LOOKED_UP` says that `object.get` followed the steps.
    """

    steps: Steps
    called: Steps = ()
    position: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """One rule as defined at one place: what it touches, and its parameters where they are plain names."""

    name: Steps
    touches: Sequence[Touch]
    parameters: Sequence[str | None]


def held(rules: Sequence[Mapping[str, Json]]) -> list[Held]:
    """What every rule of a module takes hold of."""
    return [_held(body) for rule in rules for body in rule.values()]


def _held(rule: Mapping[str, Json]) -> Held:
    head = next(iter(rule["head"].values())) if "head" in rule else rule
    name, computed = chain(head["refr"])
    arguments = head.get("args") or []
    patterns = [one for one in arguments if "Var" not in one]
    parts = [rule.get("bodies"), computed, patterns]
    parts += [part for key, part in head.items() if key not in ("refr", "span", "args")]
    return Held(name, list(_touches(parts)), [one["Var"]["value"] if "Var" in one else None for one in arguments])


def _touches(tree: Json) -> Iterator[Touch]:
    """Every touch in the tree, without recursion."""
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending += node
        elif isinstance(node, dict):
            kind = next((kind for kind in ("Var", "RefDot", "RefBrack", "Call") if kind in node), None)
            if kind is None:
                pending += [part for key, part in node.items() if key != "span"]
            elif kind == "Call":
                yield from _called(node, pending)
            else:
                steps, computed = chain(node)
                pending += computed
                if steps:
                    yield Touch(steps)


def _called(node: Mapping[str, Json], pending: list[Json]) -> Iterator[Touch]:
    """What a call touches; `object.get(name, [constant, steps], default)` follows the name by these steps."""
    function, arguments = chain(node["Call"]["fcn"])[0], node["Call"]["params"]
    if function:
        yield Touch(function)
    steps = constant_path(arguments[1]) if looks_up(node) else [None]
    if None not in steps and "Var" in arguments[0]:
        yield Touch((arguments[0]["Var"]["value"], *(str(step) for step in steps)), called=function, position=LOOKED_UP)
        pending += arguments[2:]
        return
    for position, argument in enumerate(arguments):
        if "Var" in argument:
            yield Touch((argument["Var"]["value"],), called=function, position=position)
        else:
            pending.append(argument)
