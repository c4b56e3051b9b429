"""What does the catalog grant beside the governance folder, and did that change since it was read?"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, func, select

from catalog.suspensions import SUSPENSION, active_on
from catalog.waivers import WAIVER, approved_on
from engine.policy.suspensions import Suspension
from engine.policy.waivers import Waiver

_NEWEST = select(
    select(func.max(WAIVER.c.from_revision)).scalar_subquery(),
    select(func.max(SUSPENSION.c.from_revision)).scalar_subquery(),
)
Mark = tuple[int, int]
"""Two marks are equal exactly when no waiver and no suspension took a step between them."""


class Granted(NamedTuple):
    """The approved waivers and the suspensions that were not lifted, whenever they hold."""

    waivers: tuple[Waiver, ...]
    suspensions: tuple[Suspension, ...]


def mark_on(connection: Connection) -> Mark:
    """The mark of what is granted now: one statement, answered from two indexes."""
    waivers, suspensions = connection.execute(_NEWEST).one()
    return waivers or 0, suspensions or 0


def granted_on(connection: Connection) -> Granted:
    """Everything that is granted now."""
    return Granted(approved_on(connection), active_on(connection))
