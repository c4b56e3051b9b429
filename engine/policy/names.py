"""Which of many whole names begin with these steps, and which do these steps begin with?

A bundle may have thousands of policies and a module twenty thousand rules, so nobody walks all names for one question.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from itertools import takewhile

from engine.policy.references import Steps


class Names:
    """Whole names of rules, each a tuple of steps without `data`."""

    def __init__(self, names: Iterable[Steps]) -> None:
        self._known = frozenset(names)
        self._ordered = sorted(self._known)

    def below(self, steps: Steps) -> set[Steps]:
        """The names that begin with these steps, the steps themselves included where they are a name."""
        start = bisect_left(self._ordered, steps)
        following = (self._ordered[place] for place in range(start, len(self._ordered)))
        return set(takewhile(lambda name: name[: len(steps)] == steps, following))

    def above(self, steps: Steps) -> set[Steps]:
        """The names that these steps begin with, the steps themselves included where they are a name."""
        return {one for size in range(len(steps) + 1) if (one := steps[:size]) in self._known}
