"""What does a requirement say of many products, within a given time?"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from engine.errors import PolicyEngineUnavailable
from engine.fitness.requirement import Requirement
from engine.fitness.verdict import Fitness, reached, unanswered
from engine.model import Json
from engine.policy.dates import utc_day
from engine.policy.port import PolicyEngine

EVENT = "fitness"
"""What `_context.event` says here. It is none of the events of a decision: none is made."""
AHEAD = 100
"""Documents that may wait for a worker while the next ones are made."""
OVERDUE = "it was not asked: the time of the whole call was over"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a requirement is shown of one product: its effective descriptor, who it is, and how it stands.

    `evaluation` is what is known of it besides (`compliance`, and `trust` and `slo` where they are known); `mesh` its
    neighbours, None where the requirement does not ask for them.
    """

    effective: Mapping[str, Json]
    product: Mapping[str, Json]
    domain: str
    evaluation: Mapping[str, Json] = field(default_factory=dict)
    mesh: Mapping[str, Json] | None = None


def document(shown: Shown, need: Requirement, now: Any) -> dict[str, Json]:
    """Exactly what the requirement sees as `input`: the shape that every policy sees, with facts that exist already."""
    context = {
        "event": EVENT,
        "environment": None,
        "domain": shown.domain or None,
        "policies": [need.policy.id],
        "parameters": {need.policy.id: dict(need.parameters)} if need.parameters else {},
        "previous": None,
        "mesh": None if shown.mesh is None else dict(shown.mesh),
        "now": utc_day(now),
        "product": dict(shown.product),
        "evaluation": dict(shown.evaluation),
    }
    return {**shown.effective, "_context": context}


@dataclass(frozen=True, slots=True)
class Asking:
    """A call's engine and its end (`until`, of the clock): what is not asked by then is undecided and says so."""

    engine: PolicyEngine
    until: float
    at_once: int = 1
    clock: Callable[[], float] = time.monotonic

    def all(
        self, need: Requirement, documents: Iterable[tuple[str, Mapping[str, Json]]]
    ) -> Iterator[tuple[str, Fitness]]:
        """The fitness of each document by the name that stands before it, in their order, as many at once as there are
        workers; the next documents are made meanwhile.
        """
        if self.at_once == 1:
            yield from ((name, self.one(need, one)) for name, one in documents)
            return
        waiting: deque[tuple[str, Future[Fitness]]] = deque()
        with ThreadPoolExecutor(self.at_once, thread_name_prefix="meshgate-fitness") as pool:
            for name, one in documents:
                waiting.append((name, pool.submit(self.one, need, one)))
                if len(waiting) > AHEAD:
                    yield _answered(waiting.popleft())
            yield from map(_answered, waiting)

    def one(self, need: Requirement, asked: Mapping[str, Json]) -> Fitness:
        """The fitness of one document; whatever keeps the engine from answering leaves it undecided."""
        if self.clock() >= self.until:
            return unanswered(OVERDUE)
        try:
            answer = self.engine.evaluate(need.bundle, [need.policy.id], asked)[need.policy.id]
        except PolicyEngineUnavailable as reason:
            return unanswered(reason.detail)
        return reached(answer, need.policy)


def _answered(asked: tuple[str, Future[Fitness]]) -> tuple[str, Fitness]:
    name, answer = asked
    return name, answer.result()
