"""How is one container observed, and what is kept of it?

A look that finds nothing new makes no revision. Where it does, one transaction with the head held sees that it is
still the same container of the same generation, writes what changed, tells it, and lets go of the look.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.flows.deploying.looking import observed
from api.flows.deploying.site import WORKER, Site
from api.flows.operating.gates import Gates
from api.flows.operating.judging import Judged, judged
from catalog import looks
from catalog.looks import Claim, Looked
from catalog.observable import Observable
from engine.errors import GovernanceError
from engine.model import Json
from engine.provision.bindings import Surroundings

SURE = 2
"""Looks in a row that have to be unsure before that is told: once may be a moment's fault of the way there."""
AGAIN_SECONDS = 15.0
"""How soon it is looked again after one that was unsure, or for which there was no place."""
NEVER_SECONDS = 86_400.0
"""When it is asked again whether an environment wants to be observed that does not."""


def every(environment: Surroundings | None) -> float:
    """Seconds between two looks at a container of this environment."""
    seconds = None if environment is None else environment.observe_seconds
    return NEVER_SECONDS if seconds is None else seconds


def wanted(claim: Claim, site: Site) -> bool:
    """Whether its environment is observed, or somebody asked for this look."""
    environment = site.environments.get(claim.environment)
    return claim.asked_for or (environment is not None and environment.observe_seconds is not None)


def look(subject: Observable, site: Site, gates: Gates) -> Judged | None:
    """What is seen of the container; None where one of its adapters has no place for another call now."""
    seen: dict[str, Mapping[str, Json]] = {}
    for one in subject.resources:
        with gates.through(one["adapter"]) as free:
            if not free:
                return None
            seen[one["resource_id"]] = _observed(one, site)
    return judged(subject, seen)


def ended(claim: Claim, found: Judged | None, site: Site) -> Looked | None:
    """How the look ends where nothing is to be written of it; None where something is."""
    seconds = every(site.environments.get(claim.environment))
    soon = min(seconds, AGAIN_SECONDS)
    if found is None:
        return Looked(claim._replace(asks=claim.answered), soon, claim.missed, observed=False)
    if found.unsure and not claim.asked_for and claim.missed + 1 < SURE:
        return Looked(claim, soon, claim.missed + 1)
    missed = claim.missed + 1 if found.unsure else 0
    return Looked(claim, seconds, missed) if found.changes_nothing else None


def write(subject: Observable, claim: Claim, holder: str, found: Judged, site: Site) -> bool:
    """Keep and tell what changed; False, and nothing is kept, where a deployment or another worker was faster."""
    done = Looked(claim, every(site.environments.get(claim.environment)), claim.missed + 1 if found.unsure else 0)
    with site.database.work(WORKER) as work:
        work.head()
        book = work.deployments
        mine = looks.let_go(work.connection, [done], holder)
        if not mine or not _same(subject.container, book.container(subject.id)):
            return False
        for resource_id, values in found.found.items():
            book.found_resource(subject.id, resource_id, **values)
        held = book.change_container(subject.id, **found.facts) if found.facts else dict(subject.container)
        if held["in_sync"]:
            looks.unrepaired(work.connection, subject.id, "")
        if found.kind:
            told = {"version": held["version"], "drifted": list(found.drifted), "unknown": list(found.unsure)}
            book.tell(found.kind, held, **told, reason=held["reason"])
        work.commit()
    return True


def _observed(resource: Mapping[str, Any], site: Site) -> Mapping[str, Json]:
    """What its adapter sees; what cannot be asked is unknown, and never absent."""
    try:
        return observed(resource, site)
    except GovernanceError as reason:
        return {"state": "unknown", "reason": reason.detail}


def _same(before: Mapping[str, Any], now: Mapping[str, Any] | None) -> bool:
    """Whether nobody touched the container since it was read."""
    names = ("status", "generation", "deployment_id", "usable", "in_sync")
    return now is not None and all(before[name] == now[name] for name in names)
