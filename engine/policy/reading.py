"""Which paths of the input can a policy read, and which modules make its answer?

Conservative: wherever a name of the input is followed by anything but constant steps, all below it may be read, and
where the input itself is handed on, the whole of it. One hand-over is followed: the bare input given to a function of
these modules stands there under the name of a parameter (DESIGN §4, Reuse).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.model import Json
from engine.policy import modules, packages, query, syntax
from engine.policy.lint import builtins
from engine.policy.modules import Source
from engine.policy.names import Names
from engine.policy.references import Steps
from engine.policy.syntax import Module
from engine.policy.touches import LOOKED_UP, Held, Touch, held

SELECTED = ("_context", "policies")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the answer of one policy depends on: its own modules with all that they use, and these paths of the input.

    `code` is the digest of those `modules` (paths in the bundle) and of how the policy is asked: by which `rules` of
    its package. A path of the input stands for everything below it; the path of no steps is the whole input.
    """

    code: str
    paths: tuple[Steps, ...]
    modules: frozenset[str] = frozenset()
    rules: tuple[str, ...] = ()

    def reads(self, path: Steps) -> bool:
        """Whether the policy can read something at, above or below this path."""
        return any(one[: len(path)] == path or path[: len(one)] == one for one in self.paths)

    @property
    def sees_selection(self) -> bool:
        """Whether its answer may depend on which other policies are asked."""
        return self.reads(SELECTED)


def readings(
    trees: Sequence[Mapping[str, Json]], sources: Sequence[Source], *, odm: Collection[str] = ()
) -> dict[str, Reading]:
    """What each policy of these modules reads, by its id; `trees` are the syntax trees of `sources`, in their order.

    The policies named in `odm` are shown another input, made of the whole of ours.
    """
    scene = _Scene([(syntax.module(tree), held(tree["ast"]["rules"])) for tree in trees])
    found, texts = {}, {str(source.file): source for source in sources}
    for package in packages.group([module for module, _ in scene.modules], sources):
        if entries := packages.entries(package):
            walk = _Walk(scene)
            walk.follow(tuple(package.id.split(".")))
            used = {texts[file].path: texts[file].text for file in walk.modules}
            shaped = [package.id] if package.id in odm else []
            code = modules.revision({**used, query.PATH: query.write("", {package.id: entries}, shaped)})
            paths = ((),) if shaped else _shortest(walk.paths)
            found[package.id] = Reading(code, paths, frozenset(used), tuple(entries))
    return found


class _Scene:
    """All rules by their whole names, and which of them a name may mean."""

    def __init__(self, modules: Sequence[tuple[Module, Sequence[Held]]]) -> None:
        self.modules = modules
        self.builtins = builtins()
        self.rules: dict[Steps, list[tuple[Module, Held]]] = {}
        for module, rules in modules:
            for rule in rules:
                self.rules.setdefault((*module.package.split("."), *rule.name), []).append((module, rule))
        self.names = Names(self.rules)

    def meant(self, module: Module, steps: Steps) -> Steps:
        """The steps with an import's name written out."""
        return (*module.imports.get(steps[0], steps[0]).split("."), *steps[1:])

    def targets(self, module: Module, steps: Steps) -> set[Steps]:
        """Every rule that these steps can lead to: as a whole name below data, and as a name of the package."""
        full = self.meant(module, steps)
        below = self._leads(full[1:]) if full[0] == "data" else set()
        return below | self._leads((*module.package.split("."), *steps))

    def _leads(self, used: Steps) -> set[Steps]:
        return self.names.below(used) | self.names.above(used)


@dataclass(slots=True)
class _Walk:
    """From a package through everything that it uses."""

    scene: _Scene
    paths: set[Steps] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)
    _seen: set[tuple[Steps, int | None]] = field(default_factory=set)
    _pending: list[tuple[Steps, int | None]] = field(default_factory=list)

    def follow(self, package: Steps) -> None:
        self._go((name, None) for name in sorted(self.scene.names.below(package)))
        while self._pending:
            name, position = self._pending.pop()
            for module, rule in self.scene.rules[name]:
                self.modules.add(module.path)
                if position is None:
                    self._rule(module, rule)
                else:
                    self._parameter(module, rule, position)

    def _go(self, steps: Iterator[tuple[Steps, int | None]]) -> None:
        for step in steps:
            if step not in self._seen:
                self._seen.add(step)
                self._pending.append(step)

    def _rule(self, module: Module, rule: Held) -> None:
        if any(self.scene.meant(module, tuple(one.target.split(".")))[0] == "input" for one in module.replacements):
            self.paths.add(())  # `with input…`: what a rule sees then is no plain part of the input any more
        for touch in rule.touches:
            self._go((name, None) for name in self.scene.targets(module, touch.steps))
            full = self.scene.meant(module, touch.steps)
            if full[0] == "input":
                self._read(module, touch, full[1:])

    def _parameter(self, module: Module, rule: Held, position: int) -> None:
        """The input came in as a parameter: what the rule does with its name, it does with the input."""
        name = rule.parameters[position] if position < len(rule.parameters) else None
        if name is None:
            self.paths.add(())
            return
        for touch in rule.touches:
            if touch.steps[0] == name:
                self._read(module, touch, touch.steps[1:])

    def _read(self, module: Module, touch: Touch, path: Steps) -> None:
        functions = self.scene.targets(module, touch.called) if touch.called else set()
        if touch.position == LOOKED_UP and functions:  # an `object.get` that is not the built-in one
            path = path[: len(path) - len(touch.steps) + 1]
        elif not path and functions and ".".join(touch.called) not in self.scene.builtins:
            self._go((name, touch.position) for name in functions)
            return
        self.paths.add(path)


def _shortest(paths: set[Steps]) -> tuple[Steps, ...]:
    """The paths without those that lie below another one, in order."""
    kept: list[Steps] = []
    for path in sorted(paths):
        if not kept or path[: len(kept[-1])] != kept[-1]:
            kept.append(path)
    return tuple(kept)
