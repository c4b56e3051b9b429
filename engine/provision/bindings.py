"""Which adapter makes this component in this environment?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Protocol

from engine.errors import PlanInvalid
from engine.model import Json
from engine.provision.components import Component
from engine.provision.tasks import KIND, TYPE


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
    @property
    def callback_secret(self) -> str: ...
    @property
    def secrets(self) -> Mapping[str, str]: ...
    @property
    def stage(self) -> str: ...
    @property
    def concurrency(self) -> int | None: ...


class Surroundings(Protocol):
    """The environment as far as a plan needs it."""

    @property
    def name(self) -> str: ...
    @property
    def order(self) -> int: ...
    @property
    def promotion(self) -> str: ...
    @property
    def tasks(self) -> str: ...
    @property
    def adapters(self) -> Sequence[Binding]: ...
    @property
    def on_failure(self) -> str: ...
    @property
    def deadline_seconds(self) -> float: ...
    @property
    def consent(self) -> str: ...
    @property
    def approval(self) -> str: ...
    @property
    def approval_seconds(self) -> float: ...
    @property
    def concurrency(self) -> int | None: ...
    @property
    def observe_seconds(self) -> float | None: ...
    @property
    def drift(self) -> str: ...
    @property
    def repairs_per_day(self) -> int: ...


def bound(component: Component, environment: Surroundings, *, stage: str = "") -> Binding:
    """The one binding for a component: `x-upp-adapter` chooses among the adapters of the environment, then the
    binding with more patterns than `*` wins. Raises PlanInvalid when none or several are left.

    Bindings of a `stage` are asked for in that stage only, and tasks are bound by the type `lifecycle-task` only: no
    pattern catches one by chance.
    """
    found = perhaps(component, environment, stage=stage)
    if found is None:
        raise PlanInvalid(f"no adapter of the environment {environment.name} is bound to {_asked(component)}")
    return found


def perhaps(component: Component, environment: Surroundings, *, stage: str = "") -> Binding | None:
    """As `bound`, and None where no binding fits. Raises PlanInvalid when several are left."""
    wish = component.definition.get("x-upp-adapter")
    here = [one for one in environment.adapters if one.stage == stage]
    fitting = [one for one in here if _fits(one, component) and wish in (None, one.adapter)]
    best = max((_narrowness(one) for one in fitting), default=0)
    chosen = [one for one in fitting if _narrowness(one) == best]
    if len(chosen) > 1:
        names = ", ".join(one.adapter for one in chosen)
        raise PlanInvalid(f"several bindings of the environment {environment.name} match {_asked(component)}: {names}")
    return chosen[0] if chosen else None


def _asked(component: Component) -> str:
    wish = component.definition.get("x-upp-adapter")
    asked = f"{component.fqn} (platform {component.platform!r}, type {component.type!r}"
    return asked + (f", x-upp-adapter {wish!r})" if wish is not None else ")")


def concurrency_of(environment: Surroundings, adapter: str) -> int | None:
    """How many deployments to the environment may use this adapter at once, the least that a binding says; or None."""
    told = [one.concurrency for one in environment.adapters if one.adapter == adapter and one.concurrency is not None]
    return min(told, default=None)


def _fits(binding: Binding, component: Component) -> bool:
    if component.kind == KIND:
        return binding.type == TYPE and fnmatchcase(component.platform, binding.platform)
    return fnmatchcase(component.platform, binding.platform) and fnmatchcase(component.type, binding.type)


def _narrowness(binding: Binding) -> int:
    return sum(pattern != "*" for pattern in (binding.platform, binding.type))
