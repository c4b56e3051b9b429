"""Which moment does somebody name: the one to judge for, or the one to tell the catalog of?"""

from __future__ import annotations

from datetime import datetime

from engine.errors import UsageError
from engine.policy import dates


def as_of(text: str | None) -> datetime | None:
    """The moment that is asked for, in UTC; a day is its first moment there. None where none is named.

    Raises UsageError for what is neither: a time of day without offset means another moment to everybody.
    """
    if text is None:
        return None
    return _moment(text, "The moment to judge for")


def told_as_of(text: str | None) -> datetime | None:
    """As `as_of`, of the moment as of which the catalog is to be told."""
    return None if text is None else _moment(text, "The moment to tell the catalog of")


def _moment(text: str, what: str) -> datetime:
    try:
        return dates.beginning(text)
    except ValueError as reason:
        raise UsageError(f"{what}: {reason}.") from None
