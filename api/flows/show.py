"""What does the catalog know of one product line, and what was submitted?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.auth.permissions import Action, require
from engine.errors import NotFound
from engine.model import Part, Principal

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.shown import Product, StoredVersion
    from catalog.standings import Standing


@dataclass(frozen=True, slots=True)
class Line:
    """One product line: its current version (the highest one's facts when all are withdrawn) and all versions.

    `standing` is how it stands now, None where no rescan has told yet; the product's `decision_id` accepted it.
    """

    product: Product
    versions: tuple[StoredVersion, ...]
    standing: Standing | None


def show(reference: str, *, principal: Principal, house: House) -> Line:
    """The line that an fqn (any dialect), id or ODM id means. Raises NotFound or Forbidden."""
    require(principal, Action.READ)
    versions = house.products.versions(reference, principal=principal)
    product = house.products.find(reference, principal=principal)
    if product is None and versions:
        product = house.products.version(reference, versions[0].version, principal=principal)
    if product is None:
        raise NotFound(f"There is no product `{reference}`.", product=reference)
    standing = house.standings.found([product.id], principal=principal).get(product.id)
    return Line(product, versions, standing)


def submitted(reference: str, version: str, *, principal: Principal, house: House, part: str | None = None) -> Part:
    """The root document of a version as it was submitted, or another file of it. Raises NotFound or Forbidden."""
    require(principal, Action.READ)
    found = house.products.original(reference, version, principal=principal, part=part)
    if found is None:
        what = f"`{reference}` {version}" if part is None else f"the part `{part}` of `{reference}` {version}"
        raise NotFound(f"There is no {what.removeprefix('the ')}.", product=reference, version=version)
    return found
