"""What does the catalog know of one product line, and what was submitted?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from api.auth.permissions import Action, require
from engine.errors import NotFound
from engine.model import Part, Principal

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.builds import Artifact
    from catalog.instants import Instant
    from catalog.shown import Product, StoredVersion
    from catalog.standings import Standing


@dataclass(frozen=True, slots=True)
class Line:
    """One product line: its current version (the highest one's facts when all are withdrawn) and all versions.

    `standing` is how it stands, None where no rescan had told yet; the product's `decision_id` accepted it.
    `artifacts` is what was built of versions, by the version's id. `instant` is what all this is told as of, None for
    now.
    """

    product: Product
    versions: tuple[StoredVersion, ...]
    standing: Standing | None
    artifacts: Mapping[str, Sequence[Artifact]]
    instant: Instant | None = None


def show(reference: str, *, principal: Principal, house: House, as_of: datetime | None = None) -> Line:
    """The line that an fqn (any dialect), id or ODM id means, now or as it was at a moment.

    Raises NotFound, Forbidden, and InstantInvalid for a moment to come.
    """
    require(principal, Action.READ)
    instant = None if as_of is None else house.instants.by(as_of, now=house.clock())
    seen: dict[str, Any] = {"principal": principal, "at": None if instant is None else instant.revision}
    versions = house.products.versions(reference, **seen)
    product = house.products.find(reference, **seen)
    if product is None and versions:
        product = house.products.version(reference, versions[0].version, **seen)
    if product is None:
        then = "" if as_of is None else f" as of {as_of.isoformat()}"
        raise NotFound(f"There is no product `{reference}`{then}.", product=reference)
    standing = house.standings.found([product.id], **seen).get(product.id)
    artifacts = house.builds.of_versions([one.id for one in versions], **seen)
    return Line(product, versions, standing, artifacts, instant)


def submitted(reference: str, version: str, *, principal: Principal, house: House, part: str | None = None) -> Part:
    """The root document of a version as it was submitted, or another file of it. Raises NotFound or Forbidden."""
    require(principal, Action.READ)
    found = house.products.original(reference, version, principal=principal, part=part)
    if found is None:
        what = f"`{reference}` {version}" if part is None else f"the part `{part}` of `{reference}` {version}"
        raise NotFound(f"There is no {what.removeprefix('the ')}.", product=reference, version=version)
    return found
