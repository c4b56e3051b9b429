"""How long does one thing take beside another, on a machine whose speed drifts?

Variants are run in turn, round by round, so that a slow moment hits all of them; a ratio is the median over rounds of
the ratio within a round.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds per run of each variant, one entry per round."""

    rounds: Mapping[str, tuple[float, ...]]

    def median(self, name: str) -> float:
        return statistics.median(self.rounds[name])

    def ratio(self, name: str, *against: str) -> float:
        """The median over rounds of `name` divided by the sum of the others in the same round."""
        below: list[float] = [sum(parts) for parts in zip(*(self.rounds[one] for one in against), strict=True)]
        return statistics.median(one / other for one, other in zip(self.rounds[name], below, strict=True))


def timed(works: Mapping[str, Work], *, rounds: int = 15, runs: int = 10, warm_up: int = 3) -> Times:
    """Time each work `runs` times in each of `rounds` interleaved rounds, after a warm-up."""
    for work in works.values():
        for _ in range(warm_up):
            work()
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            gc.collect()
            begun = time.perf_counter()
            for _ in range(runs):
                work()
            found[name].append((time.perf_counter() - begun) / runs)
    return Times({name: tuple(seconds) for name, seconds in found.items()})


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the result: what was compared, the ratio (or seconds) seen, and the target if there is one."""

    what: str
    seen: float
    target: float | None = None
    unit: str = "x"
    note: str = ""

    def __str__(self) -> str:
        verdict = "" if self.target is None else f"  target <= {self.target:g}{self.unit}  {self._verdict}"
        note = f"  ({self.note})" if self.note else ""
        return f"{self.what:<64} {self.seen:8.2f}{self.unit}{verdict}{note}"

    @property
    def _verdict(self) -> str:
        assert self.target is not None
        return "met" if self.seen <= self.target else "MISSED"


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"
