"""How are a number, a day and a state read that a filter compares with, and which of them can be compared at all?"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from catalog.standings import State
from catalog.text.words import plain

_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?", re.ASCII)
_INSTANT = timedelta(microseconds=1)


class Span(NamedTuple):
    """From `begin` on, and before `end`."""

    begin: datetime
    end: datetime


def number(told: str) -> float | None:
    """The number, such as `0.8`; None where it is none, or too large for one."""
    found = float(told) if _NUMBER.fullmatch(told) else math.inf
    return found if math.isfinite(found) else None


def span(told: str) -> Span | None:
    """The day in UTC, or the moment with its time zone, both by ISO 8601; None where it is neither."""
    try:
        if "T" not in told and " " not in told:
            begin = datetime.combine(date.fromisoformat(told), time(), UTC)
            return Span(begin, begin + timedelta(days=1))
        moment = datetime.fromisoformat(told)
        if moment.tzinfo is None:
            return None
        begin = moment.astimezone(UTC)
        return Span(begin, begin + _INSTANT)
    except (ValueError, OverflowError):
        return None


def state(told: str) -> str | None:
    """How a product may stand, in any case and with `-` for `_`; None where none does so."""
    word = told.lower().replace("-", "_")
    return word if word in set(State) else None


def grade(told: str) -> str:
    """A grade as it is compared: ASCII letters without their case, everything else as it is written."""
    return plain(told).encode().lower().decode()
