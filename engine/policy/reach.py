"""Do rules refer only to rules that these modules define, and never to themselves?

OPA refuses recursion when the modules are pushed, and answers for whatever else it holds below `data`; regorus sees
only what was loaded. So a policy may reach nothing but rules that are there, by their names (DESIGN §4, Engines).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from engine.policy.flaws import Flaw
from engine.policy.names import Names
from engine.policy.references import Reference, Rule, Steps
from engine.policy.syntax import Module

Places = Mapping[Steps, tuple[Module, int]]
"""Where each rule stands, by its whole name."""

Uses = Mapping[Steps, set[Steps]]
"""Which rules each rule uses, by their whole names without `data`."""


@dataclass(frozen=True, slots=True)
class Leading:
    """Where references lead: the names of all rules, their packages, and what the names of packages begin with."""

    names: Names
    packages: Collection[Steps]
    above: Collection[Steps]

    @classmethod
    def of(cls, names: Iterable[Steps], packages: Iterable[Steps]) -> Leading:
        """Over rules with these names in these packages."""
        held = frozenset(packages)
        return cls(Names(names), held, frozenset(one[:size] for one in held for size in range(len(one) + 1)))

    def to(self, used: Steps) -> set[Steps]:
        """The rules that these steps lead to: one that they begin with, or those of one package that begin so."""
        if found := self.names.above(used):
            return found
        if used in self.above or not any(used[:size] in self.packages for size in range(len(used))):
            return set()
        return self.names.below(used)


def follow(modules: Sequence[Module]) -> tuple[Uses, list[Flaw]]:
    """What the rules use, and every rule that reaches too far or itself."""
    places = {(*_package(one), *rule.name): (one, rule.start) for one in modules for rule in one.rules}
    flaws = [_shadowing(module, above) for module in modules if (above := _rule_above(module, places))]
    leading = Leading.of(places, (_package(module) for module in modules))
    flaws += [flaw for module in modules for flaw in _intruding(module, leading.packages)]
    uses: dict[Steps, set[Steps]] = {name: set() for name in places}
    own = _own(places, leading.packages)
    for module in modules:
        for rule in module.rules:
            for used, reference in _used(module, rule, own[_package(module)]):
                found = leading.to(used)
                uses[(*_package(module), *rule.name)] |= found
                if not found:
                    flaws.append(Flaw(module.path, *module.place(reference.start), "PL405", _refusal(used)))
    return uses, [*flaws, *_cycles(uses, places)]


def _own(places: Places, packages: Collection[Steps]) -> Mapping[Steps, set[str]]:
    """The names that each package has below it, found in one walk: a module may have twenty thousand rules."""
    own: dict[Steps, set[str]] = {package: set() for package in packages}
    sizes = {len(package) for package in packages}
    for name in places:
        for size in sizes:
            if size < len(name) and name[:size] in own:
                own[name[:size]].add(name[size])
    return own


def _used(module: Module, rule: Rule, own: Collection[str]) -> Iterator[tuple[Steps, Reference]]:
    """What the rule uses below `data`, as steps without `data`; `own` are the names of its package."""
    package = _package(module)
    for reference in rule.references:
        first, *rest = reference.steps
        full = (*module.imports.get(first, first).split("."), *rest)
        if full[0] == "data":
            yield full[1:], reference
        elif first in own and first not in rule.variables and first not in module.imports:
            yield (*package, *reference.steps), reference


def _refusal(used: Steps) -> str:
    written = ".".join(("data", *used))
    if used[:1] == ("meshgate",):
        return f"{written} is of meshgate itself: no policy may refer to it"
    return f"{written} is no rule of these modules: refer to a rule by its whole name, data.<package>.<rule>"


def _rule_above(module: Module, places: Places) -> tuple[Module, int] | None:
    """The rule that has the name of the module's package, or of one above it."""
    package = _package(module)
    return next((places[package[:size]] for size in range(1, len(package) + 1) if package[:size] in places), None)


def _shadowing(module: Module, above: tuple[Module, int]) -> Flaw:
    holder, start = above
    line, _ = holder.place(start)
    told = f"package {module.package} has the name of a rule, or lies below it ({holder.path}:{line})"
    return Flaw(module.path, *module.place(module.start), "PL407", told)


def _intruding(module: Module, packages: Collection[Steps]) -> Iterator[Flaw]:
    """Rules that a module gives to another package: OPA takes them for rules of that one, regorus passes them over."""
    package = _package(module)
    for rule in module.rules:
        full = (*package, *rule.name)
        inner = next((full[:size] for size in range(len(package) + 1, len(full)) if full[:size] in packages), None)
        if inner is not None:
            told = f"the rule {'.'.join(rule.name)} lies in another package, {'.'.join(inner)}: write it there"
            yield Flaw(module.path, *module.place(rule.start), "PL407", told)


def _cycles(uses: Uses, places: Places) -> Iterator[Flaw]:
    try:
        TopologicalSorter({name: sorted(uses[name]) for name in sorted(uses)}).prepare()
    except CycleError as error:
        cycle: list[Steps] = error.args[1][::-1]
        told = " uses ".join(".".join(("data", *name)) for name in cycle)
        module, start = places[cycle[0]]
        yield Flaw(module.path, *module.place(start), "PL406", f"a rule may not use itself: {told}")


def _package(module: Module) -> Steps:
    return tuple(module.package.split("."))
