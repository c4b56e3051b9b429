"""How does an earlier release come back into force, by one word of an operator?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.auth.permissions import Action, require
from api.flows.releases.release import refuse_ignored, refuse_overtaken
from api.flows.self_test import self_test
from engine.errors import NotFound
from engine.model import Principal
from engine.policy.assignments import MESH

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.releases import Release


def rollback(to: str | None = None, *, reason: str = "", principal: Principal, house: House) -> Release:
    """The release that is in force now: the one named by number or revision, else the one before the present one.

    It is verified, loaded and self-tested again, but not tried on the catalog: a way back has to be short. Raises
    Forbidden, ReleasesIgnored, NotFound, ReleaseUnusable, SelfTestFailed, ReleaseOvertaken, CatalogUnavailable.
    """
    from catalog import releases

    require(principal, Action.RELEASE, domain=MESH)  # what is released holds for every domain
    refuse_ignored(house)
    active = house.releases.active()
    if active is None:
        raise NotFound("Nothing was released here yet; the configured policies are in force.")
    target = _earlier(active, house) if to is None else _named(to, house)
    if target.number == active.number:
        return active
    with house.apart() as engine:
        self_test(engine, house.in_force.held(target.number).rules.bundle, now=house.clock())
    with house.database.work(principal, at=house.clock()) as work:
        refuse_overtaken(work, active)
        releases.activate(work, target.number, kind="release.rolled-back", reason=reason)
        made = releases.active_on(work.connection)
        work.commit()
    assert made is not None, "it was just activated"
    return made


def listed(*, principal: Principal, house: House, first: int = 100, below: int | None = None) -> tuple[Release, ...]:
    """The releases, the newest first. Raises Forbidden."""
    require(principal, Action.READ)
    return house.releases.page(first=first, below=below)


def _earlier(active: Release, house: House) -> Release:
    found = house.releases.before(active.number)
    if found is None:
        raise NotFound(f"No release was in force before release {active.number}.")
    return found


def _named(to: str, house: House) -> Release:
    if to.isascii() and to.isdecimal() and len(to) < 19:
        found = house.releases.page(first=1, below=int(to) + 1)
        found = tuple(one for one in found if one.number == int(to))
    else:
        found = house.releases.of_revision(to)
    if not found:
        raise NotFound(f"There is no release `{to}`; `meshgate policy releases` lists them.")
    return found[0]
