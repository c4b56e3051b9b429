"""Is there really no way to a clearance but an accepted deploy decision?"""

from __future__ import annotations

from typing import Any

import make
import pytest

from engine.errors import NotCleared
from engine.model import (
    Decision,
    Disposition,
    Enforcement,
    Event,
    Outcome,
    PolicyRun,
    PolicyState,
    ProblemSeverity,
    Severity,
)
from engine.provision.clearance import Clearance

POLICY = "mesh.ownership.owner_declared"


def decision(**changes: Any) -> Decision:
    """Orders 1.2.0 may go to dev."""
    told: dict[str, Any] = {
        "id": "d1",
        "outcome": Outcome.ACCEPTED,
        "provisional": False,
        "event": Event.DEPLOY,
        "environment": "dev",
        "product": make.identity(),
        "moment": make.NOW,
        "now": "2026-11-23T00:00:00Z",
    }
    return Decision(**{**told, **changes})


def clearance(**changes: Any) -> Clearance:
    return Clearance.of(decision(**changes), environment="dev", version="1.2.0", digest="sha256:document")


def refused(**changes: Any) -> list[dict[str, Any]]:
    with pytest.raises(NotCleared) as error:
        clearance(**changes)
    assert error.value.context["decision"] == "d1"
    reasons: list[dict[str, Any]] = error.value.context["reasons"]
    return reasons


def test_an_accepted_deploy_decision_clears_its_version_for_its_environment() -> None:
    one = clearance()
    told = (one.decision_id, one.product, one.digest, one.environment, one.moment)
    assert told == ("d1", make.identity(), "sha256:document", "dev", make.NOW)


def test_a_clearance_cannot_be_made_by_hand() -> None:
    with pytest.raises(TypeError, match=r"only by Clearance\.of"):
        Clearance("d1", make.identity(), "sha256:document", "dev", make.NOW, object())


@pytest.mark.parametrize(
    ("changes", "msg"),
    [
        ({"event": Event.SUBMIT}, "the decision answers the event submit, not deploy"),
        ({"environment": "prod"}, "the decision was made for the environment prod, not dev"),
        ({"environment": None}, "the decision was made for the environment None, not dev"),
        ({"product": None}, "the decision names no product"),
        ({"product": make.identity(version="1.3.0")}, "the decision was made for the version 1.3.0, not 1.2.0"),
        ({"provisional": True}, "the decision is only provisional"),
    ],
)
def test_a_decision_about_something_else_clears_nothing(changes: dict[str, Any], msg: str) -> None:
    assert refused(**changes) == [{"kind": "decision", "code": "decision-mismatch", "msg": msg}]


def test_a_rejection_tells_every_blocking_finding_and_error_problem() -> None:
    hidden = make.judged(disposition=Disposition.ADVISORY)
    warning = make.problem("DP302", severity=ProblemSeverity.WARNING)
    reasons = refused(outcome=Outcome.REJECTED, findings=(make.judged(), hidden), problems=(make.problem(), warning))
    assert reasons == [
        {
            "kind": "finding",
            "code": "owner_missing",
            "msg": "info.owner.id is missing",
            "policy": POLICY,
            "path": ["info", "owner", "id"],
        },
        {"kind": "problem", "code": "DP301", "msg": "this is no object", "path": "/info"},
    ]


def test_an_undecided_one_tells_which_policy_failed() -> None:
    run = PolicyRun(POLICY, PolicyState.ERROR, Enforcement.BLOCKING, Severity.HIGH, "divided by zero")
    assert refused(outcome=Outcome.UNDECIDED, policies=(run,)) == [
        {"kind": "policy", "code": "policy-error", "msg": "divided by zero", "policy": POLICY}
    ]


def test_an_undecided_one_tells_that_the_engine_failed() -> None:
    assert refused(outcome=Outcome.UNDECIDED, engine_failure="no answer") == [
        {"kind": "engine", "code": "engine-failure", "msg": "no answer"}
    ]


@pytest.mark.parametrize("outcome", [Outcome.REJECTED, Outcome.UNDECIDED])
def test_a_refusal_always_has_a_reason(outcome: Outcome) -> None:
    told = f"the decision is {outcome.value}"
    assert refused(outcome=outcome) == [{"kind": "decision", "code": outcome.value, "msg": told}]
