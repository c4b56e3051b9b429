"""How does a version become deprecated, withdrawn or active again?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from api.auth.permissions import Action, require
from engine.errors import NotFound, UsageError
from engine.model import Identity, Principal

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.shown import Product
    from catalog.versions import AcceptedVersion


class Status(StrEnum):
    ACTIVE = "active"
    DEPRECATED = "deprecated"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a version shall be, why, until when it serves (`sunset`), and which fqn serves instead."""

    status: Status
    reason: str
    sunset: datetime | None = None
    successor: str = ""


def change_status(
    reference: str, version: str, standing: Standing, *, principal: Principal, house: House
) -> AcceptedVersion:
    """The version with its new status; the one before stays readable.

    The domain that has the product now (that of its newest version) may change any version of it, and no other may.
    Raises NotFound, Forbidden, or UsageError for a standing without a reason or that nobody could understand.
    """
    from catalog.domains import domain_now
    from catalog.lines import product_id

    require(principal, Action.CHANGE_STATUS)
    _understandable(standing)
    product = house.products.version(reference, version, principal=principal)
    if product is None:
        raise NotFound(f"There is no `{reference}` {version}.", product=reference, version=version)
    identity = _identity(product)
    with house.database.work(principal, at=house.clock()) as work:
        work.head()
        held = domain_now(work.connection, product_id(identity.namespace, identity.name))
        require(principal, Action.CHANGE_STATUS, domain=held or product.domain)
        changed = work.versions.set_status(
            identity,
            standing.status,
            reason=standing.reason,
            sunset=standing.sunset,
            successor=standing.successor,
        )
        work.commit()
    return changed


def _understandable(standing: Standing) -> None:
    if not standing.reason.strip():
        raise UsageError("A change of status needs a reason.")
    if standing.status is not Status.DEPRECATED and (standing.sunset or standing.successor):
        raise UsageError("Only a deprecated version has a sunset and a successor.")


def _identity(product: Product) -> Identity:
    return Identity(
        fqn=product.fqn,
        id=product.id,
        odm_id="",
        namespace=product.namespace,
        name=product.name,
        major=product.major,
        version=product.version,
        domain=product.domain,
    )
