"""Where is each rule of the loaded modules defined, and with which bodies?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from engine.model import Json
from engine.policy import syntax
from engine.policy.parsing import Parsed
from engine.policy.syntax import Module
from engine.policy.trying import edits


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as defined at one place."""

    file: str
    content: bytes
    package: str
    name: str
    line: int
    head: Mapping[str, Json]
    bodies: Sequence[Sequence[Json]]
    arguments: tuple[str, ...] | None
    contains: bool

    @property
    def key(self) -> str:
        """The term after `contains`, as written."""
        return edits.key(self.content, self.head)


class Rulebook:
    """All rules of these modules, by package and name."""

    def __init__(self, modules: Iterable[Parsed]) -> None:
        self._rules: dict[tuple[str, str], list[Rule]] = defaultdict(list)
        self._imports: dict[str, Mapping[str, str]] = {}
        for one in modules:
            self._imports[one.module.path] = one.module.imports
            for shape, rule in chain.from_iterable(pair.items() for pair in one.tree["ast"]["rules"]):
                if shape == "Spec":
                    made = _rule(rule, one.module)
                    self._rules[made.package, made.name].append(made)

    def called(self, written: str, *, file: str, package: str) -> Sequence[Rule]:
        """The rules that a name means where it is written; none for a built-in or a variable."""
        if (package, written) in self._rules:
            return self._rules[package, written]
        head, dot, rest = written.partition(".")
        full = (self._imports[file].get(head, head) + dot + rest).removeprefix("data.")
        owner, _, name = full.rpartition(".")
        return self._rules.get((owner, name), ())

    def at(self, file: str, line: int) -> Rule | None:
        """The rule that begins on this line of a file."""
        every = (rule for rules in self._rules.values() for rule in rules)
        return next((rule for rule in every if (rule.file, rule.line) == (file, line)), None)

    def of(self, package: str) -> list[Rule]:
        """All rules of a package, in the order in which they are written."""
        return [rule for (owner, _), rules in self._rules.items() if owner == package for rule in rules]


def _rule(rule: Mapping[str, Json], module: Module) -> Rule:
    ((shape, head),) = rule["head"].items()
    return Rule(
        file=module.path,
        content=module.text,
        package=module.package,
        name=syntax.name(head["refr"]),
        line=rule["span"]["line"],
        head=head,
        bodies=[body["query"]["stmts"] for body in rule["bodies"]],
        arguments=_arguments(head) if shape == "Func" else (),
        contains=shape == "Set",
    )


def _arguments(head: Mapping[str, Json]) -> tuple[str, ...] | None:
    """The names of a function's arguments; None where one is a pattern."""
    if any("Var" not in one for one in head["args"]):
        return None
    return tuple(one["Var"]["value"] for one in head["args"])
