"""Which moment does a date in the governance folder mean?

Two forms are understood (RFC 3339): a day, `2027-01-31`, and a moment with its offset, `2027-01-31T09:00:00+01:00`.
A day is a UTC day. It begins at its first moment; something that holds *until* a day holds to the end of it.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_SPAN = re.compile(r"(\d{1,5})([dw])", re.ASCII)


def beginning(text: str) -> datetime:
    """The first moment of a day, or the moment itself, in UTC; ValueError says what is wrong."""
    if _DAY.fullmatch(text):
        return datetime.combine(_day(text), time(), UTC)
    if not _MOMENT.fullmatch(text):
        raise ValueError(f"`{text}` is neither a day (2027-01-31) nor a moment with offset (2027-01-31T09:00:00Z)")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as reason:
        raise ValueError(f"`{text}` is no date: {reason}") from None


def end(text: str) -> datetime:
    """The first moment after a day, or the moment itself, in UTC; ValueError says what is wrong."""
    start = beginning(text)
    if not _DAY.fullmatch(text):
        return start
    try:
        return start + timedelta(days=1)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def span(text: str) -> timedelta:
    """A length of time in days or weeks (`90d`, `12w`); ValueError says what is wrong."""
    told = _SPAN.fullmatch(text)
    if told is None:
        raise ValueError(f"`{text}` is no length of time; write days or weeks, such as `90d` or `12w`")
    return timedelta(days=int(told[1]) * (7 if told[2] == "w" else 1))


def utc_day(moment: datetime) -> str:
    """The moment cut to its UTC day, as policies see it: `2026-11-23T00:00:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT00:00:00Z")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as reason:
        raise ValueError(f"`{text}` is no date: {reason}") from None
