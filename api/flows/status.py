"""How does a version become deprecated, withdrawn or active again?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from api.auth.permissions import Action, require
from engine.descriptor.identity import parse_fqn
from engine.errors import NotFound, StandingInvalid
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
    Raises NotFound, Forbidden, or StandingInvalid for a standing without a reason or that nobody could understand.
    """
    from catalog.domains import domain_now
    from catalog.lines import product_id

    require(principal, Action.CHANGE_STATUS)
    _understandable(standing, house.clock())
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


def _understandable(standing: Standing, now: datetime) -> None:
    if not standing.reason.strip():
        raise StandingInvalid("A change of status needs a reason.")
    if standing.status is not Status.DEPRECATED and (standing.sunset or standing.successor):
        raise StandingInvalid("Only a deprecated version has a sunset and a successor.")
    if standing.sunset and _day(standing.sunset) < _day(now):
        told = f"The sunset {_day(standing.sunset)} is before today, {_day(now)} (UTC)."
        raise StandingInvalid(told, sunset=standing.sunset.isoformat())
    if standing.successor and not _is_line(standing.successor):
        told = f"The successor `{standing.successor}` is no fully qualified name of a product line."
        raise StandingInvalid(told, successor=standing.successor)


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def _is_line(fqn: str) -> bool:
    parsed = parse_fqn(fqn)
    return parsed is not None and parsed.major is not None and parsed.component is None


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
