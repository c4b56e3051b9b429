"""What is built of a version, once and before it goes anywhere, and by whom?

Bindings with `stage: build` say so, and those of one environment alone, so that a version is built in one way wherever
it goes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.errors import PlanInvalid
from engine.model import Identity, Json
from engine.provision.bindings import Binding, Surroundings, perhaps
from engine.provision.components import Component, in_order
from engine.provision.tasks import BUILD, KIND, lifecycle


@dataclass(frozen=True, slots=True)
class Build:
    """A component or a task of the stage `build`, and the adapter that builds it after what is built before it."""

    component: Component
    binding: Binding
    environment: str
    after: tuple[str, ...]


def builds_in(environments: Iterable[Surroundings]) -> Surroundings | None:
    """The environment whose bindings build versions: the first in the order."""
    return min(environments, key=lambda one: one.order, default=None)


def builds(
    effective: Mapping[str, Json], identity: Identity, environment: Surroundings | None
) -> tuple[list[Build], list[str]]:
    """What is built, in order: components after what they depend on, then the tasks of the stage `build`.

    Beside it the names of the tasks that nobody is bound to. Raises PlanInvalid.
    """
    tasks = lifecycle(effective, identity, BUILD)
    if environment is None:
        return [], [one.name for one in tasks]
    made: list[Build] = []
    unbound: list[str] = []
    for one in [*in_order(effective, identity), *tasks]:
        binding = perhaps(one, environment, stage=BUILD)
        if binding is not None:
            before = tuple(earlier.component.fqn for earlier in made)
            if one.fqn in before:
                raise PlanInvalid(f"two tasks of the stage {BUILD} are called {one.name}")
            made.append(Build(one, binding, environment.name, before))
        elif one.kind == KIND:
            unbound.append(one.name)
    if unbound and environment.tasks == "required":
        raise PlanInvalid(f"no adapter of {environment.name} is bound to the task {unbound[0]} of the stage {BUILD}")
    return made, unbound
