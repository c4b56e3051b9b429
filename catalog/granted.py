"""What does the catalog rule beside configuration and governance folder, and did that change since it was read?"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, func, select

from catalog.releases import ACTIVE_NUMBER
from catalog.suspensions import SUSPENSION, active_on
from catalog.waivers import WAIVER, approved_on
from engine.policy.suspensions import Suspension
from engine.policy.waivers import Waiver

_NEWEST = select(
    select(func.max(WAIVER.c.from_revision)).scalar_subquery(),
    select(func.max(SUSPENSION.c.from_revision)).scalar_subquery(),
    ACTIVE_NUMBER.scalar_subquery(),
)


class Mark(NamedTuple):
    """Two marks are equal exactly when no waiver and no suspension took a step between them, and no release did.

    `release` is the number of the one in force, None where there is none.
    """

    waivers: int
    suspensions: int
    release: int | None


class Granted(NamedTuple):
    """The approved waivers and the suspensions that were not lifted, whenever they hold."""

    waivers: tuple[Waiver, ...]
    suspensions: tuple[Suspension, ...]


def mark_on(connection: Connection) -> Mark:
    """The mark of what holds now: one statement, answered from indexes."""
    waivers, suspensions, release = connection.execute(_NEWEST).one()
    return Mark(waivers or 0, suspensions or 0, release)


def granted_on(connection: Connection, *, at: int | None = None) -> Granted:
    """Everything that is granted now, or was at an earlier revision."""
    return Granted(approved_on(connection, at=at), active_on(connection, at=at))
