"""Do the tests of these policies notice when a policy is made wrong?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from api.flows.policy_tests import held_workers, read
from engine.policy.trying import mutating
from engine.policy.trying.mutating import Mutation
from engine.policy.trying.running import Terms

if TYPE_CHECKING:
    from api.wiring import House


def mutated(
    names: Sequence[str], *, house: House, terms: Terms, fixtures: Sequence[Path] = (), most: int | None = None
) -> list[Mutation]:
    """The mutants of the policies that the names name, and what became of them; all policies for no name.

    Raises UsageError for a name of nothing, BundleInvalid for what cannot be loaded, PolicyEngineUnavailable.
    """
    with held_workers(terms.jobs) as workers:
        return list(
            mutating.run(read(house, fixtures, workers).named(names), workers, terms, most=most or mutating.MOST)
        )
