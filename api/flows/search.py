"""Which products match what somebody looks for?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.auth.permissions import Action, require
from engine.model import Principal

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.search import SearchPage
    from catalog.search.hints import Hint

ORDERS = ("best", "trust")


def search(
    line: str, *, principal: Principal, house: House, order: str = "best", first: int = 20, after: str | None = None
) -> tuple[SearchPage, tuple[Hint, ...]]:
    """One page of what this line of words and filters finds, in one of `ORDERS`, and which terms look mistyped.

    Raises Forbidden, CursorInvalid, SearchInvalid, CatalogUnavailable.
    """
    from catalog.search.statement import Order

    require(principal, Action.READ)
    found = house.search.page(line, principal=principal, order=Order(order), first=first, after=after)
    return found, house.search.hints(line)
