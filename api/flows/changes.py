"""What happened in the mesh after a given change?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.auth.permissions import Action, require
from catalog.changes import Wanted
from engine.model import Principal

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.changes import Stretch

MOST = 1000
EVERYTHING = Wanted()


def changes(
    after: int = 0, *, principal: Principal, house: House, wanted: Wanted = EVERYTHING, limit: int = 100
) -> Stretch:
    """Up to `limit` of the wanted changes after this cursor, oldest first.

    A reader who goes on from where it `reached` misses nothing and is told nothing twice. Raises Forbidden.
    """
    require(principal, Action.READ)
    return house.changes.wanted(wanted, after, principal=principal, limit=min(limit, MOST))


def last(*, principal: Principal, house: House) -> int:
    """The cursor after which everything is still to come. Raises Forbidden."""
    require(principal, Action.READ)
    return house.changes.last()
