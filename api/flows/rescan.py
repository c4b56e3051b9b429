"""How is the whole catalog decided again, and how far is that?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.auth.permissions import Action, require
from api.flows.rescanning.opening import everything
from engine.errors import NotFound
from engine.model import Json, Principal
from engine.policy.assignments import MESH

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.rescans import Rescan


def request(*, principal: Principal, house: House) -> Json:
    """Open a rescan of every line; it takes the place of those that are still open.

    Raises Forbidden, also for an operator of some domains: a rescan decides the products of all of them.
    """
    require(principal, Action.OPERATE, domain=MESH)
    return rescan(everything(house, principal), principal=principal, house=house)


def rescan(id: str, *, principal: Principal, house: House) -> Json:
    """The rescan with this id and its progress. Raises NotFound or Forbidden."""
    require(principal, Action.READ)
    found = house.rescans.find(id)
    if found is None:
        raise NotFound(f"There is no rescan `{id}`.", rescan=id)
    return told(found)


def told(one: Rescan) -> dict[str, Json]:
    """A rescan as data."""
    names = ("id", "scope", "reason", "state", "bundle_revision", "day", "products", "done", "confirmed", "decided")
    return {name: getattr(one, name) for name in (*names, "changed", "opened_at", "ended_at")}
