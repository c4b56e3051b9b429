"""What did a team submit, file by file, and what did it mean?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.auth.permissions import Action, require
from engine.errors import NotFound
from engine.model import Json, Part, Principal

if TYPE_CHECKING:
    from api.wiring import House


def verbatim(reference: str, version: str | None = None, *, principal: Principal, house: House) -> tuple[Part, ...]:
    """The files of a version byte for byte, the root document first; of the current one where none is named.

    Raises Forbidden, NotFound.
    """
    require(principal, Action.READ)
    version = version or _current(reference, principal, house)
    root = house.products.original(reference, version, principal=principal)
    if root is None:
        raise _missing(reference, version)
    parts = house.products.parts(reference, version, principal=principal)
    return (root, *(part for part in parts if part.path != root.path))


def effective(reference: str, version: str | None = None, *, principal: Principal, house: House) -> dict[str, Json]:
    """The version's descriptor as one document: references resolved, read-only fields filled in.

    Raises Forbidden, NotFound.
    """
    require(principal, Action.READ)
    version = version or _current(reference, principal, house)
    found = house.products.effective(reference, version, principal=principal)
    if found is None:
        raise _missing(reference, version)
    return found


def _current(reference: str, principal: Principal, house: House) -> str:
    product = house.products.find(reference, principal=principal)
    if product is None:
        raise NotFound(f"There is no product `{reference}`.", product=reference)
    return product.version


def _missing(reference: str, version: str) -> NotFound:
    return NotFound(f"There is no `{reference}` {version}.", product=reference, version=version)
