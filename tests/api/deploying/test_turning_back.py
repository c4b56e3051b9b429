"""Does what fails, hangs, waits or is cancelled leave the container that the mesh was promised?"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from deploy_stage import DEPLOYER, Stage, wait_for
from moody_adapter import Moody, made

from api.flows.abandon import abandon
from api.flows.cancel import cancel
from api.flows.standing import Requested, Standing
from engine.errors import ContainerInOrder, DeploymentEnding, Forbidden, NotFound
from engine.model import Principal
from engine.provision.adapters.local_fs import LocalFs

OPERATOR = Principal("olga", frozenset({"operator"}))
FACTS = ("status", "version", "generation", "usable", "in_sync")
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def stage(staged: Callable[..., Stage], moody: Moody) -> Stage:
    return made(staged, moody)


def facts(stage: Stage, asked: Requested) -> tuple[Any, ...]:
    container = stage.container(asked.container_id)
    return tuple(container[name] for name in FACTS)


def ended(stage: Stage, version: str = "1.0.0") -> tuple[Requested, str]:
    asked = stage.ask(version)
    return asked, stage.ended(asked.deployment_id)["state"]


# --- another try ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error_class", ["TRANSIENT", "TIMEOUT", "DEPENDENCY_NOT_READY", "CONFLICT", "UNKNOWN_OUTCOME"])
def test_what_may_pass_is_tried_again_within_the_budget(stage: Stage, moody: Moody, error_class: str) -> None:
    moody.failures["store"] = [error_class] * 2
    with stage.working():
        asked, state = ended(stage)
    assert (state, facts(stage, asked)) == ("succeeded", ("active", "1.0.0", 1, True, True))
    assert moody.calls == ["store 1"] * 3 + ["fill 1", "placed 1"]


def test_beyond_the_budget_it_fails_and_the_slot_is_free(stage: Stage, moody: Moody) -> None:
    moody.failures["fill"] = ["TRANSIENT"] * 9
    with stage.working():
        asked, state = ended(stage)
    assert (state, facts(stage, asked)) == ("failed_clean", ("released", "", 2, False, False))
    assert moody.calls == ["store 1"] + ["fill 1"] * 3


@pytest.mark.parametrize(
    "error_class", ["INVALID", "UNAUTHORIZED", "QUOTA", "STALE_GENERATION", "INTERNAL", "UNSUPPORTED"]
)
def test_what_another_try_cannot_mend_fails_at_once(stage: Stage, moody: Moody, error_class: str) -> None:
    moody.failures["store"] = [error_class]
    with stage.working():
        asked, state = ended(stage)
    assert (state, moody.calls, stage.deployment(asked.deployment_id)["error_class"]) == (
        "failed_clean",
        ["store 1"],
        error_class,
    )


def test_who_waits_holds_no_worker_and_says_for_what_and_until_when(staged: Callable[..., Stage], moody: Moody) -> None:
    from engine.provision.pace import Pace

    stage = made(staged, moody, pace=Pace(first=3600, most=3600, tries=3))
    moody.failures["store"] = ["DEPENDENCY_NOT_READY"]
    with stage.working():
        asked = stage.ask()
        waiting = wait_for(lambda: stage.deployment(asked.deployment_id)["waiting"], "waiting")
        wait_for(lambda: stage.worker.oldest_waiting() is None, "a worker that is free")
    assert (waiting["for"], waiting["reason"]) == (
        "retry",
        "DEPENDENCY_NOT_READY: moody: a bad day (try 1 of 3)",
    )
    assert waiting["until"] > stage.deployment(asked.deployment_id)["at"]


def test_an_operation_that_goes_on_is_followed_and_asked_for_once(stage: Stage, moody: Moody) -> None:
    moody.slow["fill"] = 4
    with stage.working():
        asked, state = ended(stage)
    assert (state, facts(stage, asked)) == ("succeeded", ("active", "1.0.0", 1, True, True))
    assert moody.calls == ["store 1", "fill 1", "placed 1"]


def test_a_deployment_that_takes_longer_than_it_may_fails(stage: Stage, moody: Moody) -> None:
    moody.slow["fill"] = 10**6
    with stage.working():
        asked = stage.ask()
        wait_for(lambda: moody.calls == ["store 1", "fill 1"], "the operation")
        stage.site.turns.limit(asked.deployment_id, 0, anew=True)
        assert stage.ended(asked.deployment_id)["state"] == "failed_clean"
    told = stage.deployment(asked.deployment_id)
    assert (told["error_class"], facts(stage, asked)[0], moody.cancelled) == ("TIMEOUT", "released", ["fill@1"])


# --- the way back -----------------------------------------------------------------------------------------------------


def test_a_failed_update_goes_forward_to_the_version_that_was_live(stage: Stage, moody: Moody) -> None:
    with stage.working():
        first, _ = ended(stage)
        moody.refused = {"1.1.0"}
        _, state = ended(stage, "1.1.0")
        assert (state, facts(stage, first)) == ("failed_clean", ("active", "1.0.0", 3, True, True))
        moody.refused = set()
        _, again = ended(stage, "1.1.0")
    assert (again, facts(stage, first)) == ("succeeded", ("active", "1.1.0", 4, True, True))
    assert moody.calls == ["store 1", "fill 1", "placed 1", "fill 2", "fill 3", "placed 3", "fill 4", "placed 4"]


def test_a_first_deployment_is_held_for_inspection_where_its_environment_says_so(
    staged: Callable[..., Stage], moody: Moody
) -> None:
    stage = made(staged, moody, on_failure="keep")
    moody.failures["fill"] = ["INVALID"]
    with stage.working():
        asked, state = ended(stage)
        assert (state, facts(stage, asked)[0]) == ("failed_dirty", "needs_cleanup")
        assert [one["state"] for one in stage.container(asked.container_id)["resources"]] == ["ready", "failed"]
        assert stage.ended(stage.retire(asked.container_id).deployment_id)["state"] == "succeeded"
    assert facts(stage, asked)[0] == "retired"


def test_what_nobody_can_clean_up_is_abandoned_by_an_operator_and_frees_the_slot(stage: Stage, moody: Moody) -> None:
    moody.failures["fill"], moody.stuck = ["INVALID"], {"store"}
    with stage.working():
        asked, state = ended(stage)
        assert (state, facts(stage, asked)[0]) == ("failed_dirty", "needs_cleanup")
        told = {"reason": "the platform is gone", "database": stage.database}
        for other in (DEPLOYER, Principal("hr", OPERATOR.roles, frozenset({"hr"}))):
            with pytest.raises(Forbidden):
                abandon(asked.container_id, principal=other, **told)
        abandon(asked.container_id, principal=OPERATOR, **told)
        with pytest.raises(ContainerInOrder):
            abandon(asked.container_id, principal=OPERATOR, **told)
        with pytest.raises(NotFound):
            abandon(NOBODY, principal=OPERATOR, **told)
        container = stage.container(asked.container_id)
        assert (container["status"], container["reason"]) == ("retired", "abandoned by olga: the platform is gone")
        assert [one["state"] for one in container["resources"]] == ["failed", "deleted"]
        again, _ = ended(stage)
    assert facts(stage, again) == ("active", "1.0.0", 3, True, True)
    assert ("container.abandoned", "") in stage.feed()


# --- cancelling -------------------------------------------------------------------------------------------------------


def stop(stage: Stage, asked: Requested, **more: Any) -> None:
    cancel(asked.deployment_id, reason="", database=stage.database, **{"principal": DEPLOYER, **more})


def test_one_that_has_not_begun_is_cancelled_and_frees_the_slot(stage: Stage, moody: Moody) -> None:
    asked = stage.ask()
    stop(stage, asked)
    stop(stage, asked)
    with stage.working():
        assert stage.ended(asked.deployment_id)["state"] == "cancelled_clean"
    assert (facts(stage, asked)[0], moody.calls) == ("released", [])
    with pytest.raises(DeploymentEnding):
        stop(stage, asked)
    assert stage.ask().standing is Standing.STARTED


def test_one_that_runs_is_cancelled_at_its_next_step_and_what_it_made_is_removed(stage: Stage, moody: Moody) -> None:
    moody.halted = "fill"
    with stage.working():
        asked = stage.ask()
        assert moody.here.wait(60)
        stop(stage, asked)
        moody.go_on.set()
        assert stage.ended(asked.deployment_id)["state"] == "cancelled_clean"
    told = stage.deployment(asked.deployment_id)
    assert (told["reason"], facts(stage, asked)) == ("cancelled by dora", ("released", "", 2, False, False))
    assert [one["state"] for one in told["resources"]] == ["deleted", "deleted"]
    assert not list(stage.folder.glob("dev/*/*"))


def test_a_cancelled_update_leaves_the_version_that_was_live(stage: Stage, moody: Moody) -> None:
    with stage.working():
        first, _ = ended(stage)
        moody.halted = "fill"
        asked = stage.ask("1.1.0")
        assert moody.here.wait(60)
        moody.halted = ""
        stop(stage, asked)
        moody.go_on.set()
        assert stage.ended(asked.deployment_id)["state"] == "cancelled_clean"
    assert facts(stage, first) == ("active", "1.0.0", 3, True, True)


def test_one_that_waits_long_is_cancelled_now_and_its_adapter_told(staged: Callable[..., Stage], moody: Moody) -> None:
    from engine.provision.pace import Pace

    stage = made(staged, moody, pace=Pace(look=3600, most=3600))
    moody.slow["store"] = 10**6
    moody.info = lambda: LocalFs.info(moody)  # type: ignore[method-assign]
    with stage.working():
        asked = stage.ask()
        wait_for(lambda: stage.deployment(asked.deployment_id)["waiting"], "waiting")
        stop(stage, asked)
        assert stage.ended(asked.deployment_id)["state"] == "cancelled_clean"
    assert moody.cancelled == ["store@1"]


def test_a_removal_is_cancelled_before_it_begins_and_the_container_stays(stage: Stage) -> None:
    with stage.working():
        asked, _ = ended(stage)
    retiring = stage.retire(asked.container_id)
    stop(stage, retiring)
    with stage.working():
        assert stage.ended(retiring.deployment_id)["state"] == "cancelled_clean"
    assert facts(stage, asked) == ("active", "1.0.0", 2, True, True)


def test_only_a_deployer_of_the_domain_may_cancel(stage: Stage) -> None:
    asked = stage.ask()
    for other in (Principal("rae", frozenset({"reader"})), Principal("hr", DEPLOYER.roles, frozenset({"hr"}))):
        with pytest.raises(Forbidden):
            stop(stage, asked, principal=other)
    with pytest.raises(NotFound):
        cancel(NOBODY, reason="", principal=DEPLOYER, database=stage.database)


def test_sixty_four_concurrent_requests_of_every_kind_leave_one_live_container(stage: Stage) -> None:
    answers: list[Any] = [None] * 64
    gate = threading.Barrier(64)

    def ask(number: int) -> None:
        gate.wait()
        try:
            answers[number] = stage.ask(("1.0.0", "1.1.0")[number % 2])
            if number % 7 == 0:
                stop(stage, answers[number])
        except Exception as error:
            answers[number] = error

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(64)]
    with stage.working():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wait_for(lambda: all(not running(stage, one) for one in answers if isinstance(one, Requested)), "an end")
    live = stage.containers.page(principal=DEPLOYER).items
    assert len(live) <= 1
    assert all(one.status in ("active", "degraded") for one in live)


def running(stage: Stage, asked: Requested) -> bool:
    from engine.provision.states import DeploymentState

    return DeploymentState(stage.deployment(asked.deployment_id)["state"]).running
