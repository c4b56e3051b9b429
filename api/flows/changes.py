"""What happened in the mesh after a given change?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.auth.permissions import Action, require
from engine.model import Principal

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.shown import Change

MOST = 1000


def changes(after: int = 0, *, principal: Principal, house: House, limit: int = 100) -> tuple[Change, ...]:
    """Up to `limit` changes after this cursor, oldest first; a reader who goes on from the last one misses nothing."""
    require(principal, Action.READ)
    return house.changes.after(after, principal=principal, limit=min(limit, MOST))
