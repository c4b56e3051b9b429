"""Which waivers are there, from files and from the catalog, and which of them should be looked at?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from api.auth.permissions import Action, require
from engine.descriptor.identity import ParsedFqn, parse_fqn
from engine.model import Principal
from engine.policy.waivers import SOON

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.waivers import StoredWaiver
    from engine.policy.waivers import Waiver


class Origin(StrEnum):
    """Where a waiver was written down."""

    FILE = "file"
    CATALOG = "catalog"


class State(StrEnum):
    """How a waiver stands at a moment."""

    REQUESTED = "requested"
    UPCOMING = "upcoming"
    IN_FORCE = "in_force"
    ENDED = "ended"
    REJECTED = "rejected"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class ShownWaiver:
    """One waiver as lists show it; `unused` is a waiver in force that excuses nothing in the decisions that stand."""

    id: str
    origin: Origin
    state: State
    policy: str
    code: str
    product: str
    component: str
    within: str
    reason: str
    ticket: str
    requested_by: str
    requested_at: datetime | None
    approved_by: str
    begins: datetime
    ends: datetime
    note: str
    expiring: bool
    unused: bool
    file: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which waivers are asked for; what is None does not matter. `product` is an fqn in any dialect."""

    product: str | None = None
    policy: str | None = None
    state: State | None = None
    expiring_within: timedelta | None = None
    unused: bool | None = None


def waivers(wanted: Wanted, *, principal: Principal, house: House) -> list[ShownWaiver]:
    """Those that are wanted, the earliest end first. Raises Forbidden."""
    require(principal, Action.READ)
    return chosen(wanted, principal=principal, house=house)


def of_files(house: House) -> list[ShownWaiver]:
    """Those of the governance folder alone, where no catalog is at hand to say whether they are used."""
    now = house.clock()
    return [_of_file(one, now) for one in house.rules.governance.waivers]


def chosen(wanted: Wanted, *, principal: Principal, house: House) -> list[ShownWaiver]:
    """As `waivers`, for a door that has asked for permission already."""
    now = house.clock()
    ours = of_files(house)
    known = {one.id for one in ours}
    stored = [one for one in house.waivers.all(principal=principal) if one.id not in known]
    found = [*ours, *(_shown(one, _state(one, now), now) for one in stored)]
    fitting = [one for one in found if _is_wanted(one, wanted, now)]
    marked = _with_use(sorted(fitting, key=lambda one: (one.ends, one.id)), house)
    return [one for one in marked if wanted.unused is None or one.unused is wanted.unused]


def _shown(one: Waiver | StoredWaiver, state: State, now: datetime, *, file: str = "") -> ShownWaiver:
    names = (
        "id",
        "policy",
        "code",
        "product",
        "component",
        "within",
        "reason",
        "ticket",
        "requested_by",
        "approved_by",
    )
    return ShownWaiver(
        **{name: getattr(one, name) for name in names},
        origin=Origin.FILE if file else Origin.CATALOG,
        state=state,
        requested_at=getattr(one, "requested_at", None),
        begins=one.begins,
        ends=one.ends,
        note=getattr(one, "note", ""),
        expiring=state is State.IN_FORCE and one.ends - now <= SOON,
        unused=False,
        file=file,
    )


def _of_file(one: Waiver, now: datetime) -> ShownWaiver:
    return _shown(one, _dated(one.begins, one.ends, now), now, file=f"{one.file}:{one.line}")


def _state(stored: StoredWaiver, now: datetime) -> State:
    return _dated(stored.begins, stored.ends, now) if stored.state == "approved" else State(stored.state)


def _dated(begins: datetime, ends: datetime, now: datetime) -> State:
    if now < begins:
        return State.UPCOMING
    return State.IN_FORCE if now < ends else State.ENDED


def _is_wanted(one: ShownWaiver, wanted: Wanted, now: datetime) -> bool:
    if wanted.policy is not None and one.policy != wanted.policy:
        return False
    if wanted.state is not None and one.state is not wanted.state:
        return False
    within = wanted.expiring_within
    if within is not None and not (one.state is State.IN_FORCE and one.ends - now <= within):
        return False
    return wanted.product is None or _meet(parse_fqn(one.product), parse_fqn(wanted.product))


def _meet(one: ParsedFqn | None, other: ParsedFqn | None) -> bool:
    """Whether two names may mean the same line; without a major a name means all lines of its product."""
    if one is None or other is None:
        return False
    same = (one.namespace, one.name) == (other.namespace, other.name)
    return same and (None in (one.major, other.major) or one.major == other.major)


def _with_use(found: Sequence[ShownWaiver], house: House) -> Iterable[ShownWaiver]:
    from catalog.excused import excusing_on

    products = {one.product for one in found if one.state is State.IN_FORCE}
    if not products:
        return found
    with house.database.reading() as connection:
        used = excusing_on(connection, products)
    return [replace(one, unused=one.state is State.IN_FORCE and one.id not in used) for one in found]
