"""What does a value with a unit amount to, so that a promise and an observation can be compared?

There are three dimensions with units of their own: `time` in seconds, `ratio` as a share of one, `rate` per second.
Everything else is a `number`, which compares only with numbers of the same unit as it is written.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from engine.model import Json

LONGEST = 100
"""Characters of a value or unit that are looked at."""


class Dimension(StrEnum):
    """What kind of quantity something is."""

    TIME = "time"
    RATIO = "ratio"
    RATE = "rate"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A finite amount in the unit of its dimension: `s`, `ratio`, `/s`, or as written for a number."""

    amount: float
    dimension: Dimension
    unit: str = ""


_SECONDS: Mapping[str, float] = {
    **dict.fromkeys(("ms", "millisecond", "milliseconds"), 0.001),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86400.0),
    **dict.fromkeys(("w", "week", "weeks"), 604800.0),
}
_RATIOS = {"%": 100, "percent": 100, "ratio": 1, "fraction": 1}
_NUMBER = r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,3})?"
_WRITTEN = re.compile(rf"\s*({_NUMBER})\s*([A-Za-z%/].*)?", re.ASCII | re.DOTALL)
_PERIOD = re.compile(
    r"P(?:(\d{1,6})W|(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9}(?:\.\d{1,6})?)S)?)?)", re.ASCII
)
_PERIOD_SECONDS = (604800, 86400, 3600, 60, 1)


def quantity(value: Json, unit: str = "") -> Quantity | None:
    """The quantity that a JSON value with this unit is; None where it is none (text, not finite, too long).

    A text may carry its unit (`99.5 %`, `500/s`, `5m`) or be an ISO 8601 period without months and years (`PT1H`).
    """
    if isinstance(value, bool) or len(unit) > LONGEST:
        return None
    if isinstance(value, int | float):
        return _of_number(value, unit)
    if not isinstance(value, str) or len(value) > LONGEST:
        return None
    if (seconds := period(value)) is not None:
        return None if unit else Quantity(seconds, Dimension.TIME, "s")
    told = _WRITTEN.fullmatch(value)
    if told is None:
        return None
    own = (told[2] or "").strip()
    return None if own and unit else _of_number(float(told[1]), own or unit)


def period(text: str) -> float | None:
    """The seconds of an ISO 8601 period; None for other texts, and for months and years, whose length varies."""
    told = _PERIOD.fullmatch(text.strip())
    if told is None or not any(told.groups()):
        return None
    return sum(float(count) * each for count, each in zip(told.groups(), _PERIOD_SECONDS, strict=True) if count)


def divided(amount: float, by: int) -> float:
    """The amount as it is written in decimals, divided: 99.9 per cent are 0.999 and not a little more."""
    return float(Fraction(str(amount)) / by) if math.isfinite(amount) else amount


def _of_number(number: float, unit: str) -> Quantity | None:
    try:
        amount = float(number)
    except OverflowError:
        return None
    made = _dimensioned(amount, " ".join(unit.split()))
    return made if math.isfinite(made.amount) else None


def _dimensioned(amount: float, unit: str) -> Quantity:
    small = unit.lower()
    if small in _SECONDS:
        return Quantity(amount * _SECONDS[small], Dimension.TIME, "s")
    if small in _RATIOS:
        return Quantity(divided(amount, _RATIOS[small]), Dimension.RATIO, "ratio")
    head, slash, each = unit.rpartition("/")
    if slash and each.strip().lower() in _SECONDS:
        what = head.strip()
        return Quantity(amount / _SECONDS[each.strip().lower()], Dimension.RATE, f"{what}/s")
    return Quantity(amount, Dimension.NUMBER, unit)
