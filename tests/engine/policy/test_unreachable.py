"""Is every assignment that can never match named at its line, and none that can?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import make
import pytest

from engine.model import Enforcement, Event, Policy
from engine.policy.assignments import Assignment, Match, first
from engine.policy.selection import subject
from engine.policy.unreachable import unreachable

OWNER = "mesh.ownership.owner_declared"
ORDERS = "urn:dpds:org.example:dataproducts:orders"
ENVIRONMENTS = ("dev", "prod")
BLOCKING, ADVISORY = Enforcement.BLOCKING, Enforcement.ADVISORY


def one(scope: str = "mesh", enforcement: Enforcement = BLOCKING, *, line: int = 1, **changes: Any) -> Assignment:
    return Assignment(OWNER, scope, enforcement, file="assignments/a.yaml", line=line, **changes)


def told(*assignments: Assignment, policy: Policy | None = None, **known: Any) -> list[str]:
    policies = {OWNER: policy or make.policy()}
    return [str(each) for each in unreachable(assignments, policies, ENVIRONMENTS, **known)]


def why(reason: str, line: int = 1, *, scope: str = "mesh") -> list[str]:
    return [f"assignments/a.yaml:{line}: this assignment of {OWNER} in {scope} {reason}"]


def test_assignments_that_can_all_match_are_left_alone() -> None:
    prod = one(match=Match(environments=("prod",)))
    assert told(prod, one(), one("sales", match=Match(domains=("sales",), products=(f"{ORDERS}:1",)))) == []


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({}, {"match": Match(environments=("prod",))}),
        ({"match": Match(products=(ORDERS,))}, {"match": Match(products=(f"{ORDERS}:2",))}),
        ({"match": Match(tags=("pii", "raw"))}, {"match": Match(tags=("raw",), domains=("sales",))}),
        ({"exclude": Match(tags=("raw",))}, {"exclude": Match(tags=("raw",)), "match": Match(domains=("sales",))}),
        ({"match": Match(events=("submit", "deploy", "rescan", "access"))}, {}),
    ],
)
def test_one_behind_an_earlier_one_that_matches_wherever_it_would_is_named(
    earlier: dict[str, Any], later: dict[str, Any]
) -> None:
    found = told(one(**earlier), one(line=7, **later))
    assert found == why("can never match: assignments/a.yaml:1 matches first wherever this does", 7)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({"match": Match(environments=ENVIRONMENTS)}, {}),  # a submission names no environment
        ({"match": Match(products=(f"{ORDERS}:2",))}, {"match": Match(products=(ORDERS,))}),
        ({"exclude": Match(tags=("raw",))}, {}),
        ({"match": Match(tags=("raw",))}, {"match": Match(tags=("pii", "raw"))}),
        ({"scope": "sales"}, {}),
        ({"scope": "sales"}, {"scope": "finance"}),
    ],
)
def test_one_that_is_reached_somewhere_is_not_shadowed(earlier: dict[str, Any], later: dict[str, Any]) -> None:
    assert told(one(**earlier), one(line=7, **later)) == []


def test_events_that_the_policy_does_not_hear_never_match() -> None:
    policy = make.policy(events=frozenset({Event.DEPLOY}))
    found = told(one(match=Match(events=("submit", "rescan"))), policy=policy)
    assert found == why(f"can never match: {OWNER} is asked at deploy only")
    assert told(one(match=Match(events=("deploy", "rescan"))), policy=policy) == []


def test_an_exclude_that_takes_out_everything_leaves_nothing() -> None:
    out = "can never match: it excludes whatever it matches"
    assert told(one(match=Match(tags=("raw",)), exclude=Match(tags=("raw", "pii")))) == why(out)
    assert told(one("sales", exclude=Match(domains=("sales",)))) == why(out, scope="sales")
    assert told(one(exclude=Match(domains=("sales",)))) == []


def test_a_domain_that_matches_only_other_domains_never_does() -> None:
    found = told(one("sales", match=Match(domains=("finance",))))
    assert found == why("can never match: an assignment of sales speaks of no other domain", scope="sales")


def test_unknown_environments_and_domains_are_named() -> None:
    match = Match(environments=("prd",))
    assert told(one(match=match)) == why("can never match: there is no environment prd; there are dev, prod")
    half = Match(environments=("prod", "qs"))
    assert told(one(match=half)) == why("names what does not exist: the environment qs")
    abroad = one("sale"), one(match=Match(domains=("sales", "finanse")))
    assert told(*abroad) == []
    reasons = [line.partition(f"{OWNER} in ")[2] for line in told(*abroad, domains={"sales", "finance"})]
    assert reasons == [
        "sale can never match: the mesh has no domain sale",
        "mesh names what does not exist: the domain finanse",
    ]


def test_dates_of_an_assignment_that_never_rejects_are_named() -> None:
    late = datetime(2027, 1, 1, tzinfo=UTC)
    found = told(one(enforcement=ADVISORY, effective_from=late, grace_for_existing=timedelta(days=9)))
    assert found == why("has dates that never matter: advisory rejects neither before nor after")


def test_none_that_is_said_never_to_match_is_the_first_match_of_any_product() -> None:
    matches = [
        Match(domains=d, environments=e, tags=t)
        for d in ((), ("sales",))
        for e in ((), ("dev",))
        for t in ((), ("raw",))
    ]
    excludes = [None, Match(tags=("raw",)), Match(domains=("sales",), environments=("dev",))]
    pool = [Assignment(OWNER, "mesh", BLOCKING, match=m, exclude=x) for m in matches for x in excludes]
    situations = [
        subject(
            make.descriptor(make.effective(tags=tags), identity=make.identity(domain=domain)),
            make.facts(environment=environment),
        )
        for tags, domain, environment in product(([], ["raw"]), ("sales", "finance"), (None, "dev", "prod"))
    ]
    named = 0
    for earlier, later in product(pool, repeat=2):
        pair = (earlier, Assignment(OWNER, "mesh", BLOCKING, match=later.match, exclude=later.exclude, line=2))
        if any(line.startswith(":2: ") for line in told(*pair)):
            named += 1
            assert not any(first(pair, OWNER, "mesh", situation) is pair[1] for situation in situations)
    assert named > len(pool)
