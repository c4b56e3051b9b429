"""For which moment does somebody want to know the verdict?"""

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
    try:
        return dates.beginning(text)
    except ValueError as reason:
        raise UsageError(f"The moment to judge for: {reason}.") from None
