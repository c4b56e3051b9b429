"""Is an error worth another try, how often, and after which time?"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

RETRIED = frozenset({"TRANSIENT", "TIMEOUT", "DEPENDENCY_NOT_READY", "CONFLICT", "UNKNOWN_OUTCOME"})
"""Error classes that another try may overcome; what an adapter says besides its class drives nothing."""

UNSURE = frozenset({"UNKNOWN_OUTCOME", "TIMEOUT"})
"""Error classes after which nobody knows what is there: the next try looks first (provisioning §2.6)."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds before the second try, which double up to `most`; and the budget: at most so many tries of one thing.

    `look` is the time after which what takes long is looked at again, where nobody said another one.
    """

    first: float = 1.0
    most: float = 60.0
    tries: int = 6
    look: float = 5.0

    def delay(self, tries: int, *, chance: Callable[[], float] = random.random) -> float:
        """Seconds to wait after this many tries: half of the time to all of it, so that not all come at once."""
        whole = min(self.most, self.first * 2.0 ** min(tries - 1, 32))
        return whole * (0.5 + chance() / 2)

    def again(self, error_class: str, tries: int) -> bool:
        """Whether there is another try after so many."""
        return error_class in RETRIED and tries < self.tries


UNHURRIED = Pace()
"""What platforms bear: a second at first, a minute at most, six tries."""
