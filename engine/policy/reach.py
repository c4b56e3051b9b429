"""Do rules refer only to rules that these modules define, and never to themselves?

OPA refuses recursion when the modules are pushed, and answers for whatever else it holds below `data`; regorus sees
only what was loaded. So a policy may reach nothing but rules that are there, by their names (DESIGN §4, Engines).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from engine.errors import BundleInvalid
from engine.policy.references import Reference, Rule, Steps
from engine.policy.syntax import Module


def check(modules: Sequence[Module]) -> Mapping[Steps, set[Steps]]:
    """Which rules each rule uses, by their whole names without `data`.

    Raises BundleInvalid, naming file and line, for the first rule that reaches too far or itself.
    """
    places = {(*_package(one), *rule.name): f"{one.path}:{rule.line}" for one in modules for rule in one.rules}
    _refuse_packages(modules, places)
    packages = {_package(module) for module in modules}
    uses: dict[Steps, set[Steps]] = {name: set() for name in places}
    for module in modules:
        for rule in module.rules:
            for used, reference in _used(module, rule, places):
                found = _rules(used, places, packages)
                if not found:
                    raise BundleInvalid(f"{module.path}:{reference.line}: {_refusal(used)}")
                uses[(*_package(module), *rule.name)] |= found
    _refuse_cycles(uses, places)
    return uses


def _used(module: Module, rule: Rule, places: Mapping[Steps, str]) -> Iterator[tuple[Steps, Reference]]:
    """What the rule uses below `data`, as steps without `data`."""
    package = _package(module)
    own = {name[len(package)] for name in places if name[: len(package)] == package and len(name) > len(package)}
    for reference in rule.references:
        first, *rest = reference.steps
        full = (*module.imports.get(first, first).split("."), *rest)
        if full[0] == "data":
            yield full[1:], reference
        elif first in own and first not in rule.variables and first not in module.imports:
            yield (*package, *reference.steps), reference


def _rules(used: Steps, places: Mapping[Steps, str], packages: set[Steps]) -> set[Steps]:
    """The rules that these steps lead to: one that they begin with, or those of one package that begin with them."""
    if above := {used[:size] for size in range(len(used) + 1)} & places.keys():
        return above
    if not any(used[: len(one)] == one and len(used) > len(one) for one in packages):
        return set()
    return {
        name for name in places if name[: len(used)] == used and not any(one[: len(used)] == used for one in packages)
    }


def _refusal(used: Steps) -> str:
    written = ".".join(("data", *used))
    if used[:1] == ("meshgate",):
        return f"{written} is of meshgate itself: no policy may refer to it"
    return f"{written} is no rule of these modules: refer to a rule by its whole name, data.<package>.<rule>"


def _refuse_packages(modules: Sequence[Module], places: Mapping[Steps, str]) -> None:
    for module in modules:
        package = _package(module)
        for size in range(1, len(package) + 1):
            if package[:size] in places:
                told = f"package {module.package} has the name of a rule, or lies below it"
                raise BundleInvalid(f"{module.path}:{module.line}: {told} ({places[package[:size]]})")


def _refuse_cycles(uses: Mapping[Steps, set[Steps]], places: Mapping[Steps, str]) -> None:
    try:
        TopologicalSorter({name: sorted(uses[name]) for name in sorted(uses)}).prepare()
    except CycleError as error:
        cycle: list[Steps] = error.args[1][::-1]
        told = " uses ".join(".".join(("data", *name)) for name in cycle)
        raise BundleInvalid(f"{places[cycle[0]]}: a rule may not use itself: {told}") from None


def _package(module: Module) -> Steps:
    return tuple(module.package.split("."))
