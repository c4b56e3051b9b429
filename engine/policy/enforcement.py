"""How hard does a policy hit at this moment?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.model import Enforcement


@dataclass(frozen=True, slots=True)
class Level:
    """The enforcement that holds now, and the assigned one, which holds later where `reason` says so."""

    enforcement: Enforcement
    assigned: Enforcement
    reason: str = ""


def level(
    assigned: Enforcement,
    *,
    start: datetime | None,
    grace: timedelta | None,
    now: datetime,
    accepted_at: datetime | None,
) -> Level:
    """The assigned level, or advisory before its effective date (DESIGN §4, Enforcement).

    A product whose line was accepted before that date has the grace on top of it.
    """
    if start is None or not assigned.rejects:
        return Level(assigned, assigned)
    existing = accepted_at is not None and accepted_at < start
    begins = later(start, grace) if grace is not None and existing else start
    if now >= begins:
        return Level(assigned, assigned)
    return Level(Enforcement.ADVISORY, assigned, f"advisory until {begins:%Y-%m-%d}, then {assigned}")


def later(start: datetime, grace: timedelta) -> datetime:
    """The moment after a grace; one beyond the calendar never comes."""
    try:
        return start + grace
    except OverflowError:
        return datetime.max.replace(tzinfo=start.tzinfo)


def harder(one: Level, other: Level) -> Level:
    """Across scopes the harder level holds: now, and of two that are equal now, the one that will be harder."""
    return max(one, other, key=lambda level: (level.enforcement.rank, level.assigned.rank))
