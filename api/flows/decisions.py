"""What was decided, on what, and why?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.auth.permissions import Action, require
from engine.errors import NotFound
from engine.model import Principal

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.shown import StoredDecision


def decision(decision_id: str, *, principal: Principal, house: House) -> StoredDecision:
    """The logged decision with this id. Raises NotFound or Forbidden."""
    require(principal, Action.READ)
    found = house.decisions.find(decision_id, principal=principal)
    if found is None:
        raise NotFound(f"There is no decision `{decision_id}`.", decision=decision_id)
    return found
