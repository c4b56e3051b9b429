"""Does every way lead from a rule in words to its policies and back, and is each end in nothing named?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import make
import pytest

from engine.model import Enforcement
from engine.policy import governance
from engine.policy.assignments import Assignment
from engine.policy.global_policies import Attestation, GlobalPolicy, Status
from engine.policy.rules import Rules
from engine.policy.suspensions import Suspension
from engine.policy.tracing import Trace, trace

OWNER, NAMES = "mesh.ownership.owner_declared", "mesh.naming.names_follow_convention"
DAY = timedelta(days=1)


def words(id: str = "GP-1", **changes: Any) -> GlobalPolicy:
    told: dict[str, Any] = {
        "title": "Every product has an owner",
        "owner": "governance",
        "scope": "mesh",
        "status": Status.ACTIVE,
        "rationale": "Somebody has to answer.",
        "review_by": make.NOW + DAY,
        "policies": (OWNER,),
    }
    return GlobalPolicy(id=id, **{**told, **changes})


def word(*, since: datetime = make.NOW - DAY, until: datetime = make.NOW + DAY) -> Attestation:
    return Attestation("ann", since, until, "minutes")


def traced(*said: GlobalPolicy, **held: Any) -> Trace:
    bundle = make.bundle(make.policy(), make.policy(NAMES))
    assignments = held.pop("assignments", ())
    return trace(Rules(bundle, governance.of(assignments, words=said, **held)), now=make.NOW)


def gaps(*said: GlobalPolicy) -> list[tuple[str, str]]:
    named = words("GP-0", policies=(OWNER, NAMES))
    return [(gap.code.value, gap.subject) for gap in traced(named, *said).gaps]


def test_the_way_goes_in_both_directions() -> None:
    assigned = Assignment(OWNER, "sales", Enforcement.MANDATORY)
    suspension = Suspension(OWNER, "It errs.", "olga", make.NOW - DAY, make.NOW + DAY)
    found = traced(words(), assignments=[assigned], suspensions=[suspension])
    (one,) = found.global_policies
    owner = next(each for each in found.policies if each.policy.id == OWNER)
    assert [each.id for each in one.policies] == [OWNER]
    assert [each.id for each in owner.mandates] == ["GP-1"]
    assert (owner.assignments, owner.suspension, owner.gaps) == ((assigned,), suspension, ())


def test_a_policy_that_no_rule_in_words_names_has_no_mandate() -> None:
    assert [(gap.code.value, gap.subject) for gap in traced(words()).gaps] == [("no-mandate", NAMES)]
    assert [gap.subject for gap in traced(words(status=Status.RETIRED)).gaps] == [NAMES, OWNER]
    assert [gap.subject for gap in traced(words(status=Status.DRAFT)).gaps] == [NAMES]


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, ["not-computed"]),
        ({"attestation": word()}, []),
        ({"attestation": word(until=make.NOW)}, ["not-computed"]),
        ({"attestation": word(since=make.NOW + DAY, until=make.NOW + DAY * 2)}, ["not-computed"]),
        ({"status": Status.DRAFT}, []),
        ({"status": Status.RETIRED}, []),
        ({"attestation": word(), "review_by": make.NOW}, ["review-overdue"]),
        ({"review_by": datetime(2020, 1, 1, tzinfo=UTC)}, ["not-computed", "review-overdue"]),
        ({"status": Status.RETIRED, "review_by": make.NOW}, []),
    ],
)
def test_a_rule_that_nothing_computes_needs_a_word_that_holds_and_every_rule_its_review(
    changes: dict[str, Any], missing: list[str]
) -> None:
    assert gaps(words("GP-9", policies=(), **changes)) == [(code, "GP-9") for code in missing]
