"""Which parts judge whether products fit what consumers need?"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from api.part import part
from api.wiring.evaluating import Evaluating
from api.wiring.telling import Telling

if TYPE_CHECKING:
    from api.flows.performance import Performance
    from catalog.candidates import Candidates
    from catalog.compared import Compared
    from catalog.neighbourhoods import Neighbourhoods
    from catalog.requirements import Requirements
    from catalog.watches import Watches
    from engine.policy.embedded import EmbeddedEngine

SECONDS_EACH = 1.0
"""What one candidate may take: less than a policy of the mesh, since a thousand are asked in one call."""
MOST_WORKERS = 8
PATIENCE = 10.0


class Fitting(Evaluating, Telling):
    """An engine for what consumers bring, and what is shown of products."""

    @property
    def fitness_workers(self) -> int:
        """How many candidates are asked at once: one for each core that this process may use."""
        return max(1, min(MOST_WORKERS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1))

    @part
    def fitness(self) -> EmbeddedEngine:
        """The engine for requirements: workers of its own, so that none of them keeps a decision waiting.

        It is the embedded one also where an OPA server decides: that one is shared with others, and holds no texts
        that anybody brings.
        """
        from engine.policy.embedded import EmbeddedEngine

        engine = EmbeddedEngine(self.fitness_workers, deadline=SECONDS_EACH, patience=PATIENCE)
        self._closing.callback(engine.close)
        return engine

    @part
    def candidates(self) -> Candidates:
        from catalog.candidates import Candidates

        return Candidates(self.database)

    @part
    def compared(self) -> Compared:
        from catalog.compared import Compared

        return Compared(self.database)

    @part
    def neighbourhoods(self) -> Neighbourhoods:
        from catalog.neighbourhoods import Neighbourhoods

        return Neighbourhoods(self.database)

    @part
    def requirements(self) -> Requirements:
        from catalog.requirements import Requirements

        return Requirements(self.database)

    @part
    def watches(self) -> Watches:
        from catalog.watches import Watches

        return Watches(self.database)

    @part
    def performance(self) -> Performance:
        """What is known of how products do; a new fact is one more source here."""
        from api.flows.performance import Compliance, Kept, Performance, Trusted

        return Performance(
            {"compliance": Compliance(self.seen), "trust": Trusted(self.trusts), "slo": Kept(self.slos, self.clock)}
        )
