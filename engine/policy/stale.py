"""Which policies may answer, or be judged, otherwise than when a product was decided last?

Everything that a judgement depends on is here: the policies' code and annotations, their assignments and waivers, the
engine and the day. Whatever is not named by the answer cannot differ, and is not asked again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.descriptor.digest import digest_of
from engine.model import Json, Policy
from engine.policy.governance import plain
from engine.policy.reading import Reading
from engine.policy.rules import Rules

PARAMETERS = ("_context", "parameters")
NEIGHBOURS = (("_context", "mesh"), ("_context", "previous"))
DAY = ("_context", "now")


@dataclass(frozen=True, slots=True)
class Basis:
    """What products are judged by at one moment.

    `policies` has two digests for each policy: of its code with its annotations, and of what governance says about it.
    `selection` is the digest of which policies are asked for which event, `day` the UTC day, `engine` name and version.
    """

    policies: Mapping[str, tuple[str, str]]
    selection: str
    engine: str
    day: str


def basis(rules: Rules, readings: Mapping[str, Reading], *, engine: str, day: str) -> Basis:
    """The basis that these rules make."""
    assignments: dict[str, list[Json]] = {}
    governance = rules.governance
    told = [(one.policy, plain(one)) for one in governance.assignments]
    told += [(one.policy, plain(one)) for one in governance.waivers]
    told += [(one.policy, plain(one)) for one in governance.suspensions]
    for policy, one in told:
        assignments.setdefault(policy, []).append(one)
    policies = rules.bundle.policies
    return Basis(
        policies={
            id: (_digest([readings[id].code, _annotations(one)]), _digest(assignments.get(id, [])))
            for id, one in sorted(policies.items())
        },
        selection=_digest(
            [
                [[id, sorted(one.events), sorted(one.needs)] for id, one in sorted(policies.items())],
                [plain(one) for one in governance.assignments],  # a policy away from home applies where it is assigned
            ]
        ),
        engine=engine,
        day=day,
    )


def stale(before: Basis, now: Basis, *, rules: Rules, readings: Mapping[str, Reading]) -> frozenset[str] | None:
    """The policies whose part of a judgement may be another where the neighbours are the same, None for all of them.

    A policy that sees which others are asked cannot be asked alone: where one may differ, all may.
    """
    if before.engine != now.engine:
        return None
    every = before.policies.keys() | now.policies.keys()
    found = {id for id in every if before.policies.get(id) != now.policies.get(id)}
    found |= set(_told_of(found, before, now, readings))
    if before.day != now.day:
        found |= _dated(rules) | {id for id, one in readings.items() if one.reads(DAY)}
    seeing = {id for id, one in readings.items() if one.sees_selection}
    if before.selection != now.selection:
        found |= seeing
    return None if found & seeing else frozenset(found)


def _told_of(changed: set[str], before: Basis, now: Basis, readings: Mapping[str, Reading]) -> Iterator[str]:
    """Policies that can read the parameters of one whose governance is another."""
    governed = [id for id in changed if before.policies.get(id, ("", ""))[1] != now.policies.get(id, ("", ""))[1]]
    for id, one in readings.items():
        if any(one.reads((*PARAMETERS, other)) for other in governed):
            yield id


def _dated(rules: Rules) -> set[str]:
    """Policies that another day alone may judge otherwise: an effective date, a waiver or a suspension says when."""
    assigned = {one.policy for one in rules.governance.assignments if one.effective_from is not None}
    dated = {id for id, one in rules.bundle.policies.items() if one.effective_on is not None}
    termed = {one.policy for one in rules.governance.waivers} | {one.policy for one in rules.governance.suspensions}
    return assigned | dated | termed


def _annotations(policy: Policy) -> Json:
    """What of a policy's annotations a judgement can depend on."""
    told: dict[str, Json] = {name: str(getattr(policy, name)) for name in ("severity", "enforcement", "effective_on")}
    return {**told, "events": sorted(policy.events), "needs": sorted(policy.needs)}


def _digest(value: Json) -> str:
    return digest_of(value).removeprefix("sha256:")[:32]
