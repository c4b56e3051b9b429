"""Which policies may answer, or be judged, otherwise than when a product was decided last?

Everything that a judgement depends on is here: the policies' code and annotations, their assignments and waivers with
what of them the moment has put in force, the engine and the day. Whatever is not named by the answer cannot differ, and
is not asked again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson

from engine.model import Json, Policy
from engine.policy.assignments import Assignment
from engine.policy.dates import utc_day
from engine.policy.enforcement import later
from engine.policy.governance import plain
from engine.policy.reading import Reading
from engine.policy.rules import Rules
from engine.policy.suspensions import Suspension
from engine.policy.waivers import Waiver

PARAMETERS = ("_context", "parameters")
NEIGHBOURS = (("_context", "mesh"), ("_context", "previous"))
DAY = ("_context", "now")
Dated = Assignment | Waiver | Suspension


@dataclass(frozen=True, slots=True)
class Basis:
    """What products are judged by at one moment.

    `policies` has two digests for each policy: of its code with its annotations, and of what governance says about it,
    with which of the moments that it names have passed. `selection` is the digest of which policies are asked for which
    event, `day` the UTC day, `engine` name and version.
    """

    policies: Mapping[str, tuple[str, str]]
    selection: str
    engine: str
    day: str


def basis(rules: Rules, readings: Mapping[str, Reading], *, engine: str, now: datetime) -> Basis:
    """The basis that these rules make now."""
    governed: dict[str, list[Json]] = {}
    governance, policies = rules.governance, rules.bundle.policies
    told: list[Dated] = [*governance.assignments, *governance.waivers, *governance.suspensions]
    for one in told:
        passed = [moment <= now for moment in _moments(one, policies.get(one.policy))]
        governed.setdefault(one.policy, []).append([plain(one), passed])
    own = {id: one.effective_on is not None and one.effective_on <= now for id, one in policies.items()}
    return Basis(
        policies={
            id: (_digest([readings[id].code, _annotations(one)]), _digest([own[id], *governed.get(id, [])]))
            for id, one in sorted(policies.items())
        },
        selection=_digest(
            [
                [[id, sorted(one.events), sorted(one.needs)] for id, one in sorted(policies.items())],
                [plain(one) for one in governance.assignments],  # a policy away from home applies where it is assigned
            ]
        ),
        engine=engine,
        day=utc_day(now),
    )


def stale(before: Basis, now: Basis, *, readings: Mapping[str, Reading]) -> frozenset[str] | None:
    """The policies whose part of a judgement may be another where the neighbours are the same, None for all of them.

    A policy that sees something of the others cannot be asked alone: where one may differ, all may.
    """
    if before.engine != now.engine:
        return None
    every = before.policies.keys() | now.policies.keys()
    found = {id for id in every if before.policies.get(id) != now.policies.get(id)}
    found |= set(_told_of(found, before, now, readings))
    if before.day != now.day:
        found |= {id for id, one in readings.items() if one.reads(DAY)}
    others = seeing(readings)
    if before.selection != now.selection:
        found |= others
    return None if found & others else frozenset(found)


def seeing(readings: Mapping[str, Reading]) -> frozenset[str]:
    """The policies that can see of others whether they are asked, or with which parameters.

    Their answer to a question about few policies says nothing about their answer to one about all.
    """
    return frozenset(id for id, one in readings.items() if one.sees_selection or _borrows(id, one))


def _borrows(id: str, reading: Reading) -> bool:
    depth = len(PARAMETERS)
    return any(path[:depth] == PARAMETERS and path[depth : depth + 1] != (id,) for path in reading.paths)


def _told_of(changed: set[str], before: Basis, now: Basis, readings: Mapping[str, Reading]) -> Iterator[str]:
    """Policies that can read the parameters of one whose governance is another."""
    governed = [id for id in changed if before.policies.get(id, ("", ""))[1] != now.policies.get(id, ("", ""))[1]]
    for id, one in readings.items():
        if any(one.reads((*PARAMETERS, other)) for other in governed):
            yield id


def _moments(one: Dated, policy: Policy | None) -> Iterator[datetime]:
    """When this begins and ends to hold. Each passes once, so that where as many have passed nothing happened between.

    Which products have the grace of an assignment is their own; when it ends is the same for all of them.
    """
    if not isinstance(one, Assignment):
        yield from (one.begins, one.ends)
        return
    start = one.effective_from or (policy.effective_on if policy else None)
    if start is not None:
        yield start
        if one.grace_for_existing is not None:
            yield later(start, one.grace_for_existing)


def _annotations(policy: Policy) -> Json:
    """What of a policy's annotations a judgement can depend on."""
    told: dict[str, Json] = {name: str(getattr(policy, name)) for name in ("severity", "enforcement", "effective_on")}
    return {**told, "events": sorted(policy.events), "needs": sorted(policy.needs)}


def _digest(value: Json) -> str:
    """Of what we wrote ourselves, so that any fixed spelling of it will do."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]
