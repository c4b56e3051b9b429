"""What hangs together around the policies of the mesh, read at most once for a root field?"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from api.flows.waiver_list import ShownWaiver, Wanted, chosen
from engine.policy.tracing import Trace, TracedGlobal, TracedPolicy, trace

if TYPE_CHECKING:
    from api.graphql.context import Context
    from catalog.coverage import Covered


class Ways:
    """The trace, how the mesh stands by it, and the waivers; each is read when the first field asks for it."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @cached_property
    def trace(self) -> Trace:
        house = self._context.house
        return trace(house.rules_now(), now=house.clock())

    @cached_property
    def covered(self) -> Covered:
        return self._context.house.coverage.covered(principal=self._context.principal)

    @cached_property
    def waivers(self) -> list[ShownWaiver]:
        return chosen(Wanted(), principal=self._context.principal, house=self._context.house)

    def global_policies(self) -> list[OnWayGlobal]:
        """Every rule in words, by id."""
        return [OnWayGlobal(one, self) for one in self.trace.global_policies]

    def policies(self) -> list[OnWayPolicy]:
        """Every policy of the bundle, by id."""
        return [OnWayPolicy(one, self) for one in self.trace.policies]


class OnWayGlobal(NamedTuple):
    """A rule in words, with everything around it."""

    traced: TracedGlobal
    ways: Ways

    @property
    def id(self) -> str:
        return self.traced.words.id


class OnWayPolicy(NamedTuple):
    """A policy, with everything around it."""

    traced: TracedPolicy
    ways: Ways

    @property
    def id(self) -> str:
        return self.traced.policy.id
