"""Does a policy read of the catalog only what it says that it needs?

A policy that reads what is not at hand would be silent, and a local verdict certain and wrong; declared, it is skipped
with its reason (DESIGN §4). What a policy hands to functions, or reads by computed names, is not seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.model import InputShape
from engine.policy.annotations import Annotations
from engine.policy.flaws import Flaw
from engine.policy.names import Names
from engine.policy.references import Rule, Steps
from engine.policy.syntax import Module

CATALOG = ("mesh", "previous", "plan")
_CURRENT = "currentState"

Reads = Mapping[Steps, Mapping[str, tuple[Module, int]]]
"""By the whole name of a rule: the paths below `input` at which it reads facts of the catalog, each with its place."""


def reads(modules: Sequence[Module]) -> Reads:
    """What every rule of the modules reads of the catalog."""
    found: dict[Steps, dict[str, tuple[Module, int]]] = {}
    for module in modules:
        for rule in module.rules:
            name = (*module.package.split("."), *rule.name)
            found.setdefault(name, {}).update(_read(module, rule))
    return found


def undeclared(
    policy: str, told: Annotations, *, reads: Reads, uses: Mapping[Steps, set[Steps]], names: Names
) -> Iterator[Flaw]:
    """Every place at which the policy, or a library that it uses, reads what the policy does not declare.

    `names` are those of all rules that `uses` knows.
    """
    for rule in sorted(_reached(names.below(tuple(policy.split("."))), uses)):
        for fact, (module, start) in reads.get(rule, {}).items():
            needed = _needed(told, fact)
            if needed and needed not in told.needs:
                msg = f"{policy} reads input.{fact} and does not say so: write `needs: [{needed}]`"
                yield Flaw(module.path, *module.place(start), "PL208", msg)


def _needed(told: Annotations, fact: str) -> str:
    """What of the catalog a path of the input holds for this policy: an Open Data Mesh one has names of its own."""
    if fact == _CURRENT:
        return "previous" if told.input is InputShape.ODM else ""
    return fact.rpartition(".")[2]


def _reached(rules: set[Steps], uses: Mapping[Steps, set[Steps]]) -> set[Steps]:
    """These rules, and every rule that they use, libraries' too."""
    reached: set[Steps] = set()
    pending = list(rules)
    while pending:
        name = pending.pop()
        if name not in reached:
            reached.add(name)
            pending += uses.get(name, ())
    return reached


def _read(module: Module, rule: Rule) -> Iterator[tuple[str, tuple[Module, int]]]:
    for reference in rule.lookups:
        first, *rest = reference.steps
        full = (*module.imports.get(first, first).split("."), *rest)
        if full[:2] == ("input", "_context") and full[2:3] and full[2] in CATALOG:
            yield f"_context.{full[2]}", (module, reference.start)
        if full[:2] == ("input", _CURRENT):
            yield _CURRENT, (module, reference.start)
