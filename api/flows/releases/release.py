"""How does a bundle come into force: verified, loaded, tried on the catalog, and then at one revision for everybody?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.auth.permissions import Action, require
from api.flows.releases.trial import Trial
from api.flows.self_test import self_test
from api.in_force import loaded
from api.policy_sources import verify_key
from engine.errors import BundleInvalid, GovernanceInvalid
from engine.model import Principal
from engine.policy.assignments import MESH
from engine.policy.refusals import BundleOlder, ReleaseInvalid, ReleaseOvertaken, ReleasesIgnored
from engine.policy.rules import Rules

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.releases import Release
    from catalog.work import UnitOfWork
    from engine.policy.archive import Archive

NAME = "the bundle"


@dataclass(frozen=True, slots=True)
class Activated:
    """The release that is in force now; `tried` is on how many products, None where it was in force before."""

    release: Release
    tried: int | None


def release(content: bytes, *, principal: Principal, house: House, sample: int | None = None) -> Activated:
    """Put this bundle in force, unless anything speaks against it; then everything stays as it was.

    Raises Forbidden, ReleasesIgnored, a BundleInvalid of the class that says what is wrong with the bundle,
    SelfTestFailed, BundleNewlyErrs, ReleaseOvertaken, PolicyEngineUnavailable, CatalogUnavailable.
    """
    require(principal, Action.RELEASE, domain=MESH)  # what is released holds for every domain
    refuse_ignored(house)
    read, rules = _believed(content, house)
    active = house.releases.active()
    if active is not None:
        from catalog.releases import digest

        if active.digest == digest(content):
            return Activated(active, None)
        _refuse_older(read, active)
    with house.apart() as engine:
        self_test(engine, rules.bundle, now=house.clock())
        tried = Trial(house, principal, rules, engine).run(sample)
    return Activated(_activated(content, read, rules, active, principal, house), tried)


def refuse_ignored(house: House) -> None:
    """Raise ReleasesIgnored where a change of the active release would change nothing here."""
    if house.settings.releases == "ignore":
        raise ReleasesIgnored()


def refuse_overtaken(work: UnitOfWork, active: Release | None) -> None:
    """Raise ReleaseOvertaken unless this is still the active release; the head of the work is locked afterwards."""
    from catalog.releases import active_number_on

    work.head()
    now = active_number_on(work.connection)
    if now != (active.number if active else None):
        raise ReleaseOvertaken(f"Release {now} came into force meanwhile.", active=now)


def _believed(content: bytes, house: House) -> tuple[Archive, Rules]:
    try:
        return loaded(content, NAME, verify_key(house.settings))
    except (BundleInvalid, GovernanceInvalid) as reason:
        if type(reason) in (BundleInvalid, GovernanceInvalid):  # those with a code of their own keep it
            raise ReleaseInvalid(reason.detail) from reason
        raise


def _refuse_older(read: Archive, active: Release) -> None:
    moment = read.snapshot.released
    if moment < active.released:
        raise BundleOlder(
            f"{NAME} was released at {moment.isoformat()}, and release {active.number}, which is in force, at"
            f" {active.released.isoformat()}.",
            active=active.number,
        )


def _activated(
    content: bytes, read: Archive, rules: Rules, active: Release | None, principal: Principal, house: House
) -> Release:
    from catalog import releases

    key = verify_key(house.settings)
    signed = (read.snapshot.key_id or key.id) if key else ""  # a name that nobody verified is not worth keeping
    facts = releases.Facts(*rules.digests, read.snapshot.released, signed, len(rules.bundle.policies))
    with house.database.work(principal, at=house.clock()) as work:
        refuse_overtaken(work, active)
        releases.activate(work, releases.add(work, content, facts), kind="release.activated")
        made = releases.active_on(work.connection)
        work.commit()
    assert made is not None, "it was just activated"
    return made
