"""Is a promise kept by what was observed, and how much of what may go wrong is used up?

The error budget is the share that may be bad: one less the target. An observation of a share (99.7 % available) is bad
by what it lacks; any other is good or bad as a whole. An observation counts for the time that it covers where every
one of them says so, else all count alike. The arithmetic is exact: neither order nor number of observations round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from engine.evaluation.promises import Promise
from engine.evaluation.quantities import Quantity


class SloState(StrEnum):
    """Whether a promise is kept over its window; `unknown` where nothing was observed there."""

    MET = "met"
    BROKEN = "broken"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Observation:
    """What somebody measured: an amount at a moment, perhaps over the seconds before it (`covers`)."""

    id: str
    port: str
    indicator: str
    amount: Quantity
    observed_at: datetime
    covers: float | None
    value: str
    source: str
    principal: str


@dataclass(frozen=True, slots=True)
class SloStatus:
    """One promise against its observations over its window, which ends at `as_of`.

    `attainment` is the good share of what was observed, None where nothing was. `allowed`, `consumed` and `left` are
    the error budget, as shares of what was observed; `left` below nothing means broken. `last` is the latest
    observation of the indicator in the promise's unit, `foreign` counts those in other units, which prove nothing.
    """

    promise: Promise
    state: SloState
    as_of: datetime
    attainment: float | None
    allowed: float
    consumed: float | None
    left: float | None
    observations: int
    foreign: int
    last: Observation | None


def status(promise: Promise, observed: Sequence[Observation], *, now: datetime) -> SloStatus:
    """How the promise stands by these observations of its port and indicator, of which those in its window count."""
    begin = now - timedelta(seconds=promise.window)
    seen = [one for one in observed if begin < one.observed_at <= now]
    fitting = [one for one in seen if _comparable(one.amount, promise.threshold)]
    allowed = 1 - Fraction(str(promise.target))
    bad = _bad(promise, fitting)
    state = SloState.UNKNOWN if bad is None else SloState.BROKEN if bad > allowed else SloState.MET
    return SloStatus(
        promise=promise,
        state=state,
        as_of=now,
        attainment=None if bad is None else float(1 - bad),
        allowed=float(allowed),
        consumed=None if bad is None else float(bad),
        left=None if bad is None else float(allowed - bad),
        observations=len(fitting),
        foreign=len(seen) - len(fitting),
        last=max(fitting, key=lambda one: (one.observed_at, one.id), default=None),
    )


def _comparable(one: Quantity, other: Quantity) -> bool:
    return one.dimension is other.dimension and one.unit == other.unit


def _bad(promise: Promise, seen: Sequence[Observation]) -> Fraction | None:
    """The bad share of these observations, None where there are none."""
    weighed = all(one.covers is not None and one.covers > 0 for one in seen)
    weights = [Fraction(one.covers or 0) if weighed else Fraction(1) for one in seen]
    whole = sum(weights)
    if not whole:
        return None
    return sum((weight * _badness(promise, one) for weight, one in zip(weights, seen, strict=True)), Fraction()) / whole


def _badness(promise: Promise, one: Observation) -> Fraction:
    amount = one.amount.amount
    if promise.of_shares:
        share = min(max(Fraction(str(amount)), Fraction()), Fraction(1))
        return share if promise.comparator.wants_less else 1 - share
    return Fraction(not promise.comparator.holds(amount, promise.threshold.amount))
