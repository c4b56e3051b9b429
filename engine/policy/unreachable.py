"""Which assignments can never match anything, or say something that never matters?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from engine.model import Policy
from engine.policy.assignments import Assignment, Match
from engine.policy.flaws import Flaw


def unreachable(
    assignments: Sequence[Assignment],
    policies: Mapping[str, Policy],
    environments: Collection[str],
    *,
    domains: Collection[str] | None = None,
) -> Iterator[Flaw]:
    """Every assignment that holds for nobody, at its line, with the reason; and what of one never matters.

    `environments` are the names that exist. `domains` are those of the catalog, where one is at hand: without it no
    name of a domain is doubted, because a domain may have no product yet.
    """
    for at, one in enumerate(assignments):
        policy = policies[one.policy]
        never = _shadowed(one, policy, assignments[:at]) or _unmet(one, policy, environments, domains)
        told = [f"can never match: {never}"] if never else list(_idle(one, environments, domains))
        for what in told:
            yield Flaw(one.file, one.line, 1, "PL651", f"this assignment of {one.policy} in {one.scope} {what}")


def _shadowed(one: Assignment, policy: Policy, earlier: Sequence[Assignment]) -> str:
    for other in earlier:
        same = (other.policy, other.scope) == (one.policy, one.scope)
        if same and other.exclude in (None, one.exclude) and other.match.covers(_heard(one, policy)):
            return f"{other.file}:{other.line} matches first wherever this does"
    return ""


def _unmet(one: Assignment, policy: Policy, environments: Collection[str], domains: Collection[str] | None) -> str:
    match = one.match
    if match.events and not set(match.events) & set(policy.events):
        return f"{policy.id} is asked at {', '.join(sorted(policy.events))} only"
    if match.environments and not set(match.environments) & set(environments):
        return f"there is no environment {', '.join(match.environments)}; there are {', '.join(environments)}"
    if not one.of_the_mesh and match.domains and one.scope not in match.domains:
        return f"an assignment of {one.scope} speaks of no other domain"
    if domains is not None and one.where.domains and not set(one.where.domains) & set(domains):
        return f"the mesh has no domain {', '.join(one.where.domains)}"
    if one.exclude is not None and one.exclude.covers(_heard(one, policy)):
        return "it excludes whatever it matches"
    return ""


def _idle(one: Assignment, environments: Collection[str], domains: Collection[str] | None) -> Iterator[str]:
    """What of an assignment that may match says nothing."""
    for kind, named, known in (
        ("environment", one.match.environments, environments),
        ("domain", one.match.domains, one.match.domains if domains is None else domains),
    ):
        if missing := [name for name in named if name not in known]:
            yield f"names what does not exist: the {kind} {', '.join(missing)}"
    if not one.enforcement.rejects and (one.effective_from or one.grace_for_existing):
        yield f"has dates that never matter: {one.enforcement} rejects neither before nor after"


def _heard(one: Assignment, policy: Policy) -> Match:
    """Where it may hold, with the events that the policy hears spelled out."""
    events = [event.value for event in sorted(policy.events) if not one.match.events or event in one.match.events]
    return replace(one.where, events=tuple(events))
