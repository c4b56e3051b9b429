"""Which deployments wait for people, what may people answer, and what follows from it?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from deploy_stage import DEPLOYER, Stage, document
from inline_durable import inline, work

from api.flows import approve as approving
from api.flows.cancel import cancel
from api.flows.standing import Requested
from engine.errors import DeploymentEnding, Forbidden, NobodyAsked, NotFound, PlanMoved
from engine.model import Principal

APPROVER = Principal("ada", frozenset({"approver"}))
OPERATOR = Principal("olga", frozenset({"operator"}))
NOTHING = f"sha256:{'0' * 64}"

Staged = Callable[..., Stage]


def two_versions(stage: Stage) -> Stage:
    """Version 1.1.0 has the job no more, so that it is deleted."""
    without = document("1.1.0")
    without["internalComponents"] = {**without["internalComponents"], "applicationComponents": []}
    stage.accept(document())
    stage.accept(without)
    inline(stage)
    return stage


@pytest.fixture
def strict(staged: Staged) -> Stage:
    """A stage whose environments want every deployment approved."""
    return two_versions(staged(approval="required"))


@pytest.fixture
def plain(stage: Stage) -> Stage:
    return two_versions(stage)


def asked(stage: Stage, version: str = "1.0.0", **more: Any) -> Requested:
    made = stage.ask(version, **more)
    work(stage)
    return made


def approve(stage: Stage, made: Requested, *, by: Principal = APPROVER, plan: str = "") -> None:
    named = plan or stage.deployment(made.deployment_id)["plan"]["digest"]
    approving.approve(made.deployment_id, plan=named, reason="seen", principal=by, database=stage.database)
    work(stage)


def reject(stage: Stage, made: Requested, *, by: Principal = APPROVER) -> None:
    approving.reject(made.deployment_id, reason="too early", principal=by, database=stage.database)
    work(stage)


def told(stage: Stage, made: Requested, *names: str) -> tuple[Any, ...]:
    found = stage.deployment(made.deployment_id)
    return tuple(found[name] for name in names)


def change_by_hand(stage: Stage) -> None:
    for one in stage.folder.glob("dev/*/*/component.json"):
        one.write_text("{}")


def kinds(stage: Stage) -> list[str]:
    return [kind for kind, _ in stage.feed()]


def test_a_deployment_that_wants_approval_waits_for_it_and_holds_no_worker(strict: Stage) -> None:
    made = asked(strict)
    found = strict.deployment(made.deployment_id)
    assert (found["state"], found["asks"], found["approved_by"]) == ("awaiting_approval", "approval", "")
    assert found["reason"] == "needs approval of 3 actions"
    assert (found["waiting"]["for"], found["waiting"]["reason"]) == ("approval", found["reason"])
    assert work(strict) == 0
    assert not strict.folder.exists()
    assert kinds(strict) == ["deployment.requested", "deployment.awaiting-approval"]


def test_an_approved_deployment_is_carried_out_and_says_who_approved_it(strict: Stage) -> None:
    made = asked(strict)
    approve(strict, made)
    found = strict.deployment(made.deployment_id)
    assert (found["state"], found["reason"], found["asks"]) == ("succeeded", "", "")
    assert (found["approved_by"], found["approved_plan"]) == ("ada", found["plan"]["digest"])
    assert found["approved_at"] >= found["asked_at"]
    assert kinds(strict)[2:] == ["deployment.approved", "deployment.succeeded", "container.created"]


def test_nobody_approves_their_own_deployment_whatever_their_roles(strict: Stage) -> None:
    made = asked(strict, principal=OPERATOR)
    for one in (OPERATOR, Principal("OLGA", frozenset({"approver"}))):
        with pytest.raises(Forbidden, match="nobody approves their own"):
            approve(strict, made, by=one)
    assert told(strict, made, "state", "approved_by") == ("awaiting_approval", "")


@pytest.mark.parametrize(
    "who",
    [
        Principal("rita", frozenset({"reader"})),
        Principal("dan", frozenset({"deployer"})),
        Principal("ada", frozenset({"approver"}), frozenset({"logistics"})),
    ],
    ids=["a reader", "a deployer", "another domain"],
)
@pytest.mark.parametrize("answer", [approve, reject])
def test_who_may_not_approve_changes_nothing(strict: Stage, who: Principal, answer: Callable[..., None]) -> None:
    made = asked(strict)
    with pytest.raises(Forbidden):
        answer(strict, made, by=who)
    assert told(strict, made, "state", "approved_by") == ("awaiting_approval", "")
    assert kinds(strict)[-1] == "deployment.awaiting-approval"


def test_another_plan_than_the_one_that_stands_is_not_approved(strict: Stage) -> None:
    made = asked(strict)
    with pytest.raises(PlanMoved) as refused:
        approve(strict, made, plan=NOTHING)
    assert refused.value.context["plan"] == strict.deployment(made.deployment_id)["plan"]["digest"]
    assert told(strict, made, "state", "approved_by") == ("awaiting_approval", "")


def test_the_first_of_two_approvals_counts(strict: Stage) -> None:
    made = asked(strict)
    plan = strict.deployment(made.deployment_id)["plan"]["digest"]
    for one in (APPROVER, OPERATOR):
        approving.approve(made.deployment_id, plan=plan, reason="", principal=one, database=strict.database)
    work(strict)
    assert told(strict, made, "state", "approved_by") == ("succeeded", "ada")
    assert kinds(strict).count("deployment.approved") == 1


@pytest.mark.parametrize("answer", [approve, reject])
def test_what_waits_for_nobody_is_not_answered(strict: Stage, answer: Callable[..., None]) -> None:
    made = strict.ask()
    with pytest.raises(NobodyAsked, match="is queued"):
        approving.approve(made.deployment_id, plan=NOTHING, reason="", principal=APPROVER, database=strict.database)
    work(strict)
    approve(strict, made)
    with pytest.raises(NobodyAsked, match="is succeeded"):
        answer(strict, made)
    with pytest.raises(NotFound):
        approving.approve("nothing", plan=NOTHING, reason="", principal=APPROVER, database=strict.database)


def test_a_rejected_first_deployment_gives_its_slot_back(strict: Stage) -> None:
    made = asked(strict)
    reject(strict, made)
    assert told(strict, made, "state", "reason", "error_class", "waiting") == (
        "rejected",
        "rejected by ada: too early",
        "approval-refused",
        None,
    )
    assert strict.container(made.container_id)["status"] == "released"
    assert kinds(strict)[2:] == ["deployment.rejected", "container.released"]
    again = asked(strict)
    assert again.container_id != made.container_id


def test_a_rejected_update_leaves_the_container_as_it_was(strict: Stage) -> None:
    first = asked(strict)
    approve(strict, first)
    before = strict.container(first.container_id)
    second = asked(strict, "1.1.0")
    assert strict.container(first.container_id)["status"] == "updating"
    reject(strict, second)
    after = strict.container(first.container_id)
    for name in ("status", "version", "digest", "usable", "in_sync", "reason", "resources"):
        assert after[name] == before[name]


def test_a_rejected_retirement_leaves_the_container_as_it_was(strict: Stage) -> None:
    first = asked(strict)
    approve(strict, first)
    gone = strict.retire(first.container_id)
    work(strict)
    assert told(strict, gone, "state", "asks") == ("awaiting_approval", "approval")
    reject(strict, gone)
    found = strict.container(first.container_id)
    assert (found["status"], found["version"], found["usable"]) == ("active", "1.0.0", True)
    gone = strict.retire(first.container_id)
    work(strict)
    approve(strict, gone)
    assert strict.container(first.container_id)["status"] == "retired"


def test_what_nobody_answers_is_rejected_after_its_time(staged: Staged) -> None:
    stage = two_versions(staged(approval="required", approval_seconds=1e-9))
    made = asked(stage)
    state, code, reason = told(stage, made, "state", "error_class", "reason")
    assert (state, code) == ("rejected", "approval-expired")
    assert reason == "nobody answered in time (needs approval of 3 actions)"
    assert stage.container(made.container_id)["status"] == "released"


def test_the_time_of_a_deployment_stands_still_while_people_are_asked(strict: Stage) -> None:
    made = asked(strict)
    assert strict.site.turns.of(made.deployment_id).seconds_left == float("inf")
    plan = strict.deployment(made.deployment_id)["plan"]["digest"]
    approving.approve(made.deployment_id, plan=plan, reason="", principal=APPROVER, database=strict.database)
    work(strict)
    assert 0 < strict.site.turns.of(made.deployment_id).seconds_left <= 3600


def test_an_approved_plan_that_moved_is_asked_about_again(strict: Stage) -> None:
    first = asked(strict)
    approve(strict, first)
    second = asked(strict, "1.1.0")
    plan = strict.deployment(second.deployment_id)["plan"]
    change_by_hand(strict)
    approve(strict, second)
    found = strict.deployment(second.deployment_id)
    assert (found["state"], found["asks"], found["approved_by"]) == ("awaiting_approval", "approval", "")
    assert found["plan"]["digest"] != plan["digest"]
    assert kinds(strict).count("deployment.awaiting-approval") == 3
    with pytest.raises(PlanMoved):
        approve(strict, second, plan=plan["digest"])
    approve(strict, second)
    assert told(strict, second, "state", "approved_by") == ("succeeded", "ada")


def test_a_pinned_plan_that_moved_while_people_were_asked_is_rejected(strict: Stage) -> None:
    first = asked(strict)
    approve(strict, first)
    parked = asked(strict, "1.1.0")
    plan = strict.deployment(parked.deployment_id)["plan"]["digest"]
    reject(strict, parked)
    generations = strict.container(first.container_id)["generation"]
    pinned = asked(strict, "1.1.0", plan=plan)
    state, code, reason = told(strict, pinned, "state", "error_class", "reason")
    assert (state, code, generations) == ("rejected", "plan-moved", 2)  # the generation is another one
    assert plan in reason


def test_what_a_deployment_takes_away_needs_consent_and_the_requester_may_give_it(plain: Stage) -> None:
    asked(plain)
    made = asked(plain, "1.1.0")
    line = "urn:dpds:org.example:dataproducts:orders:1"
    assert told(plain, made, "state", "asks", "reason") == (
        "awaiting_approval",
        "consent",
        f"needs consent: delete {line}:applications:fill",
    )
    approve(plain, made, by=DEPLOYER)
    assert told(plain, made, "state", "approved_by") == ("succeeded", DEPLOYER.id)


def test_consent_given_with_the_request_waits_for_nobody(plain: Stage) -> None:
    asked(plain)
    made = asked(plain, "1.1.0", consent=True)
    assert told(plain, made, "state", "consent") == ("succeeded", True)
    assert "deployment.awaiting-approval" not in kinds(plain)


def test_consent_with_the_request_is_no_approval(strict: Stage) -> None:
    made = asked(strict, consent=True)
    assert told(strict, made, "state", "asks") == ("awaiting_approval", "approval")


def test_an_environment_may_do_without_consent(staged: Staged) -> None:
    stage = two_versions(staged(consent="not-needed"))
    asked(stage)
    assert told(stage, asked(stage, "1.1.0"), "state") == ("succeeded",)


def test_a_retirement_is_what_it_asks_for_and_needs_no_consent(plain: Stage) -> None:
    first = asked(plain)
    gone = plain.retire(first.container_id)
    work(plain)
    assert told(plain, gone, "state") == ("succeeded",)


def test_a_deployment_that_waits_for_people_can_be_cancelled(strict: Stage) -> None:
    made = asked(strict)
    cancel(made.deployment_id, reason="", principal=DEPLOYER, database=strict.database)
    work(strict)
    assert told(strict, made, "state") == ("cancelled_clean",)
    with pytest.raises(NobodyAsked):
        approve(strict, made, plan=NOTHING)


@pytest.mark.parametrize("first", ["approve", "cancel", "at once"])
def test_of_approval_and_cancellation_the_second_sees_the_first(strict: Stage, first: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    made = asked(strict)
    plan = strict.deployment(made.deployment_id)["plan"]["digest"]
    by = {"principal": APPROVER, "database": strict.database}

    def approves() -> str:
        try:
            approving.approve(made.deployment_id, plan=plan, reason="", **by)
        except NobodyAsked:
            return "refused"
        return "approved"

    def cancels() -> str:
        try:
            cancel(made.deployment_id, reason="", principal=DEPLOYER, database=strict.database)
        except DeploymentEnding:
            return "refused"
        return "cancelled"

    order = [cancels, approves] if first == "cancel" else [approves, cancels]
    if first == "at once":
        with ThreadPoolExecutor(2) as pool:
            answers = [one.result() for one in [pool.submit(each) for each in order]]
    else:
        answers = [each() for each in order]
    work(strict)
    assert "cancelled" in answers
    assert told(strict, made, "state") == ("cancelled_clean",)
    assert list(Path(strict.folder).glob("dev/*/*/manifest.json")) == []
