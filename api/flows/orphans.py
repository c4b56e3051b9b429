"""What bears our labels where containers run, and nobody knows it? It is only ever reported, never removed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from api.auth.permissions import Action, require
from api.flows.deploying.site import Site
from catalog.orphans import Known, Report, keep, known_on, last_on, taken
from engine.errors import GovernanceError, NotFound
from engine.model import Json, Principal
from engine.provision.checked import CheckedAdapter
from engine.provision.naming import digest_of
from engine.provision.states import LIVE, ResourceState

if TYPE_CHECKING:
    from api.wiring import House

LEASE = 3600.0
"""Seconds after which another worker looks through an environment that one began with and did not end with."""
THERE = frozenset({ResourceState.READY, ResourceState.DRIFTED, ResourceState.RETAINED})


class Seen(NamedTuple):
    """What an adapter lists, or why it could not."""

    adapter: str
    resources: Sequence[Mapping[str, Json]]
    reason: str


def last(environment: str | None, *, principal: Principal, house: House) -> list[dict[str, Json]]:
    """The last report on this environment, or on all. Raises Forbidden and NotFound."""
    require(principal, Action.OPERATE)
    named = None if environment is None else [_named(environment, house.site)]
    return [told(one) for one in house.orphans.reports(named)]


def look(environment: str | None, *, principal: Principal, house: House) -> list[dict[str, Json]]:
    """Look through this environment, or all, now; the reports are kept. Raises Forbidden and NotFound."""
    require(principal, Action.OPERATE)
    names = list(house.site.environments) if environment is None else [_named(environment, house.site)]
    every = house.settings.orphans_hours * 3600.0
    return [
        told(looked_through(one, principal=principal, site=house.site, now=house.clock(), every=every)) for one in names
    ]


def due(*, principal: Principal, site: Site, now: datetime, every: float) -> bool:
    """Look through the first environment whose time has come; whether there was one."""
    for name in site.environments:
        if taken(site.database, name, at=now, seconds=min(LEASE, every)):
            looked_through(name, principal=principal, site=site, now=now, every=every)
            return True
    return False


def looked_through(environment: str, *, principal: Principal, site: Site, now: datetime, every: float) -> Report:
    """Ask every adapter that works in the environment for what bears our labels, and keep what was found.

    The feed tells what was not found before. Rows are read after the adapters were asked: what is made meanwhile has
    its row before it is there.
    """
    with site.database.reading() as connection:
        asked = _makers(environment, known_on(connection, environment), site)
    seen = [_listed(maker, environment) for maker in asked]
    with site.database.work(principal, at=now) as work:
        work.head()
        known = known_on(work.connection, environment)
        before = last_on(work.connection, environment)
        found = _report(environment, now, seen, known, before)
        keep(work.connection, found, seconds=every)
        if news := _news(found, before):
            work.changes.append("orphan.found", "", {"environment": environment, "orphans": news})
        work.commit()
    return found


def told(report: Report) -> dict[str, Json]:
    """The report as JSON."""
    lists: dict[str, Json] = {name: list(getattr(report, name)) for name in ("orphans", "missing", "unknown")}
    return {"environment": report.environment, "at": report.at.isoformat(), **lists}


def _named(environment: str, site: Site) -> str:
    if environment not in site.environments:
        raise NotFound(f"There is no environment `{environment}`; there are {', '.join(site.environments)}.")
    return environment


def _makers(environment: str, known: Iterable[Known], site: Site) -> list[CheckedAdapter | Seen]:
    """Every adapter that is bound in the environment or made something there, each configuration once."""
    named: dict[str, tuple[str, Mapping[str, Json], Mapping[str, str]]] = {}
    bound = ((one.adapter, one.configuration, one.secrets) for one in site.environment(environment).adapters)
    live = (one for one in known if one.status in LIVE)
    made = ((one.adapter, one.request["config"], one.request.get("secrets", {})) for one in live)
    for adapter, config, secrets in (*bound, *made):
        named.setdefault(digest_of([adapter, dict(config), dict(secrets)]), (adapter, config, secrets))
    return [_maker(*one, site) for one in named.values()]


def _maker(adapter: str, config: Mapping[str, Json], secrets: Mapping[str, str], site: Site) -> CheckedAdapter | Seen:
    try:
        maker = site.registry.adapter(adapter, config, secrets)
    except GovernanceError as error:
        return Seen(adapter, (), error.detail)
    return maker if maker.can("inventory") else Seen(adapter, (), f"{adapter} has not the capability inventory")


def _listed(maker: CheckedAdapter | Seen, environment: str) -> Seen:
    if isinstance(maker, Seen):
        return maker
    try:
        return Seen(maker.name, maker.inventory(environment), "")
    except GovernanceError as error:
        return Seen(maker.name, (), error.detail)


def _report(
    environment: str, now: datetime, seen: Sequence[Seen], known: Sequence[Known], before: Report | None
) -> Report:
    unknown = {one.adapter: one.reason for one in seen if one.reason}
    orphans = {_key(one): one for one in _orphans(seen, known, now)}
    for old in before.orphans if before else ():  # of an adapter that cannot say now, what it said last still holds
        if old["adapter"] in unknown:
            orphans.setdefault(_key(old), old)
    untold = [{"adapter": name, "reason": reason} for name, reason in sorted(unknown.items())]
    missing = _missing(seen, known, unknown, now)
    return Report(environment, now, tuple(orphans[key] for key in sorted(orphans)), tuple(missing), tuple(untold))


def _orphans(seen: Sequence[Seen], known: Sequence[Known], now: datetime) -> Iterable[dict[str, Any]]:
    rows: dict[str, list[Known]] = {}
    for one in known:
        rows.setdefault(one.resource_id, []).append(one)
    for made in seen:
        for thing in made.resources:
            why = _why(rows.get(thing["resource_id"], []))
            if why:
                labels = {name: thing.get(name) for name in ("name", "resource_id", "container_id", "generation")}
                yield {"adapter": made.adapter, **labels, "why": why, "seen": now.isoformat()}


def _why(rows: Sequence[Known]) -> str:
    """Why nobody looks after a thing of which these rows tell; empty where somebody does."""
    if not rows:
        return "no row of the catalog knows it"
    if any(one.state == ResourceState.RETAINED for one in rows):
        return ""
    if any(one.status in LIVE and not ResourceState(one.state).gone for one in rows):
        return ""
    if any(not one.settled for one in rows):
        return ""
    if all(one.state == ResourceState.DELETED for one in rows):
        return "the catalog says that it was removed"
    return "its container was let go of (abandoned)"


def _missing(
    seen: Sequence[Seen], known: Sequence[Known], unknown: Mapping[str, str], now: datetime
) -> list[dict[str, Json]]:
    """What has a row and is not listed; of what was made or changed meanwhile nothing is said."""
    there = {thing["resource_id"] for made in seen for thing in made.resources}
    asked = {made.adapter for made in seen} - unknown.keys()
    return [
        {name: getattr(one, name) for name in ("adapter", "fqn", "resource_id", "container_id", "state")}
        for one in sorted(known, key=lambda one: (one.fqn, one.container_id))
        if one.state in THERE and one.settled and one.at <= now
        if one.adapter in asked and one.resource_id not in there
    ]


def _news(found: Report, before: Report | None) -> list[dict[str, Json]]:
    old = {_key(one) for one in before.orphans} if before else set()
    return [one for one in found.orphans if _key(one) not in old]


def _key(orphan: Mapping[str, Json]) -> tuple[str, str, str]:
    return str(orphan["adapter"]), str(orphan["name"]), str(orphan["resource_id"])
