"""What changed from one version of a product to another?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.auth.permissions import Action, require
from api.flows.show import show
from engine.errors import NotFound
from engine.model import Principal

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.evolution import Diff


def diff(reference: str, before: str | None, now: str | None, *, principal: Principal, house: House) -> Diff:
    """From `before` (else the one below) to `now` (else the one that is shown). Raises NotFound or Forbidden."""
    require(principal, Action.READ)
    product = show(reference, principal=principal, house=house).product
    read = house.evolution.diffs([product.version_id], principal=principal, before=before, now=now)
    if product.version_id not in read:
        what = f"{before or 'an earlier version'} and {now or product.version}"
        raise NotFound(f"`{reference}` has no two versions {what} to compare.", product=reference)
    return read[product.version_id]
