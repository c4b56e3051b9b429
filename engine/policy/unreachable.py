"""Which assignments can never match anything?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.model import Policy
from engine.policy.assignments import Assignment
from engine.policy.flaws import Flaw


def unreachable(
    assignments: Sequence[Assignment], policies: Mapping[str, Policy], environments: Sequence[str]
) -> Iterator[Flaw]:
    """Every assignment that holds for nobody, at its line, with the reason."""
    for at, one in enumerate(assignments):
        reason = _covered(one, assignments[:at]) or _unmet(one, policies[one.policy], environments)
        if reason:
            told = f"this assignment of {one.policy} in {one.scope} can never match: {reason}"
            yield Flaw(one.file, one.line, 1, "PL651", told)


def _covered(one: Assignment, earlier: Sequence[Assignment]) -> str:
    for other in earlier:
        same = (other.policy, other.scope) == (one.policy, one.scope)
        if same and other.exclude is None and other.where.covers(one.where):
            return f"{other.file}:{other.line} matches first wherever this does"
    return ""


def _unmet(one: Assignment, policy: Policy, environments: Sequence[str]) -> str:
    match = one.match
    if match.events and not set(match.events) & set(policy.events):
        return f"{policy.id} is asked at {', '.join(sorted(policy.events))} only"
    if match.environments and not set(match.environments) & set(environments):
        return f"there is no environment {', '.join(match.environments)}; there are {', '.join(environments)}"
    if not one.of_the_mesh and match.domains and one.scope not in match.domains:
        return f"an assignment of {one.scope} speaks of no other domain"
    if one.exclude is not None and one.exclude.covers(one.where):
        return "it excludes whatever it matches"
    return ""
