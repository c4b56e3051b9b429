"""Which adapter makes this component in this environment?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Protocol

from engine.errors import PlanInvalid
from engine.model import Json
from engine.provision.components import Component


class Binding(Protocol):
    """One row of an environment's table; `*` in a pattern stands for any text."""

    @property
    def adapter(self) -> str: ...
    @property
    def platform(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def configuration(self) -> Mapping[str, Json]: ...


class Surroundings(Protocol):
    """The environment as far as a plan needs it."""

    @property
    def name(self) -> str: ...
    @property
    def adapters(self) -> Sequence[Binding]: ...
    @property
    def on_failure(self) -> str: ...
    @property
    def deadline_seconds(self) -> float: ...
    @property
    def observe_seconds(self) -> float | None: ...
    @property
    def drift(self) -> str: ...
    @property
    def repairs_per_day(self) -> int: ...


def bound(component: Component, environment: Surroundings) -> Binding:
    """The one binding for a component: `x-upp-adapter` chooses among the adapters of the environment, then the
    binding with more patterns than `*` wins. Raises PlanInvalid when none or several are left.
    """
    wish = component.definition.get("x-upp-adapter")
    fitting = [one for one in environment.adapters if _fits(one, component) and wish in (None, one.adapter)]
    best = max((_narrowness(one) for one in fitting), default=0)
    chosen = [one for one in fitting if _narrowness(one) == best]
    if len(chosen) == 1:
        return chosen[0]
    asked = f"{component.fqn} (platform {component.platform!r}, type {component.type!r}"
    asked += f", x-upp-adapter {wish!r})" if wish is not None else ")"
    if not chosen:
        raise PlanInvalid(f"no adapter of the environment {environment.name} is bound to {asked}")
    names = ", ".join(one.adapter for one in chosen)
    raise PlanInvalid(f"several bindings of the environment {environment.name} match {asked}: {names}")


def _fits(binding: Binding, component: Component) -> bool:
    return fnmatchcase(component.platform, binding.platform) and fnmatchcase(component.type, binding.type)


def _narrowness(binding: Binding) -> int:
    return sum(pattern != "*" for pattern in (binding.platform, binding.type))
