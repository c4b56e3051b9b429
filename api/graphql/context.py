"""What may a resolver use? The catalog's query objects, who asks, and who was answered together."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from time import monotonic
from typing import TYPE_CHECKING

from api.graphql.siblings import Siblings
from engine.model import Principal

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.together import Together


@dataclass(frozen=True, slots=True)
class Context:
    """One request: the parts of the house, the principal that every read is filtered for, and its siblings."""

    house: House
    principal: Principal
    siblings: Siblings = field(default_factory=Siblings)
    #: when it began, by the monotonic clock: what takes long has to end with the whole
    started: float = field(default_factory=monotonic)

    #: how often something was asked that may be asked only a few times
    counts: dict[str, int] = field(default_factory=dict)

    def counted(self, what: str, most: int) -> bool:
        """Count one more of these; whether it still is one of the `most` that are answered."""
        self.counts[what] = self.counts.get(what, 0) + 1
        return self.counts[what] <= most

    @property
    def together(self) -> Together:
        """Reads of many things by their ids."""
        return self.house.together

    def anew(self) -> Context:
        """The same for the next answer of a subscription, with no siblings of the last one."""
        return replace(self, siblings=Siblings(), started=monotonic())
