"""Does a whole deployment through a bridge end right, and does no executor get a task twice, whoever dies?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import dying_bridge
import pytest
from called_back import door
from deploy_stage import SWIFT, Stage, document
from dying_bridge import HERE, staged
from scripted_odm import Executor
from scripted_server import serving
from scripted_witboost import TechAdapter

from api.worker.asking import HttpAsk
from engine.policy.environments import Binding
from engine.provision.adapters.witboost_http import WitboostHttp
from engine.provision.pace import Pace

ROOT = Path(dying_bridge.__file__).resolve().parent.parent
ONCE = [("deployment.requested", "1.0.0"), ("deployment.succeeded", "1.0.0"), ("container.created", "1.0.0")]
PATIENT = Pace(first=0.01, most=300.0, tries=3, look=300.0)
"""So rarely looks who waits for an operation that only a callback ends a test."""


@pytest.fixture
def executor() -> Iterator[Executor]:
    with serving(Executor()) as script:
        assert isinstance(script, Executor)
        yield script


@pytest.fixture
def on_executor(store_url: str, tmp_path: Path, executor: Executor) -> Iterator[Callable[..., Stage]]:
    stages: list[Stage] = []

    def made(**settings: Any) -> Stage:
        stages.append(staged(store_url, tmp_path / "containers", executor.address, **settings))
        stages[-1].accept(document())
        return stages[-1]

    yield made
    for one in stages:
        one.close()


def times(executor: Executor) -> list[int]:
    """How often each task was begun."""
    return sorted(Counter(one["id"] for one in executor.began).values())


def deployed(stage: Stage) -> dict[str, Any]:
    """A deployment of the product once it has ended."""
    asked = stage.ask()
    with stage.working():
        return stage.ended(asked.deployment_id)


def test_a_product_is_deployed_through_an_executor_by_asking_alone(
    on_executor: Callable[..., Stage], executor: Executor
) -> None:
    stage = on_executor()
    assert deployed(stage)["state"] == "succeeded"
    assert (times(executor), stage.feed()) == ([1, 1, 1], ONCE)
    assert [one.get("callbackRef") for one in executor.began] == [None, None, None]


def test_a_hundred_callbacks_before_the_answer_wake_it_and_make_one_transition(
    on_executor: Callable[..., Stage], executor: Executor, store_url: str, tmp_path: Path
) -> None:
    with door(store_url, tmp_path / "door") as address:
        executor.looks, executor.calls_back = 0, 34
        told: list[Stage] = []
        stage = on_executor(pace=PATIENT, public_url=address, told=lambda *named: told[0].callbacks.told(*named))
        told.append(stage)
        ended = deployed(stage)
    assert ended["state"] == "succeeded"
    assert (times(executor), stage.feed(), set(executor.called)) == ([1, 1, 1], ONCE, {202})
    assert len({one["callbackRef"] for one in executor.began}) == 3
    assert [one["outputs"] for one in ended["resources"]] == [{"pipeline": 7}] * 3


def test_an_executor_without_a_status_is_believed_its_callback(
    on_executor: Callable[..., Stage], executor: Executor, store_url: str, tmp_path: Path
) -> None:
    with door(store_url, tmp_path / "door") as address:
        executor.has_status, executor.calls_back = False, 1
        told: list[Stage] = []
        stage = on_executor(
            pace=PATIENT,
            public_url=address,
            config={"status": False},
            told=lambda *named: told[0].callbacks.told(*named),
        )
        told.append(stage)
        assert deployed(stage)["state"] == "succeeded"
    assert [one for one in executor.asked if one.startswith("GET")] == []


@pytest.mark.parametrize("mood", ["drop", "fail"])
def test_an_answer_that_was_lost_begins_nothing_twice(
    on_executor: Callable[..., Stage], executor: Executor, mood: str
) -> None:
    executor.moods = [("/tasks", mood)] * 3
    stage = on_executor()
    assert deployed(stage)["state"] == "succeeded"
    assert (times(executor), stage.feed()) == ([1, 1, 1], ONCE)


def test_a_task_that_an_executor_forgot_is_not_begun_again_and_the_deployment_fails(
    on_executor: Callable[..., Stage], executor: Executor
) -> None:
    executor.looks = 0
    executor.answer, answered = lambda *asked: _forgetting(executor, answered, *asked), executor.answer  # type: ignore[method-assign]
    stage = on_executor()
    ended = deployed(stage)
    assert (ended["state"], ended["error_class"]) == ("failed_clean", "UNKNOWN_OUTCOME")
    assert times(executor) == [1]


def _forgetting(executor: Executor, answered: Any, method: str, path: str, body: Any) -> tuple[int, Any]:
    """Answers a task that was begun, and then restarts without it."""
    told: tuple[int, Any] = answered(method, path, body)
    if method == "POST":
        executor.forget()
    return told


def test_a_task_that_fails_is_not_tried_again(on_executor: Callable[..., Stage], executor: Executor) -> None:
    executor.ends = "FAILED"
    assert deployed(on_executor())["state"].startswith("failed")
    assert times(executor) == [1]


@pytest.mark.parametrize("forgets", [False, True])
def test_a_worker_that_is_killed_between_the_task_and_its_answer_begins_no_second_one(
    on_executor: Callable[..., Stage], executor: Executor, store_url: str, forgets: bool
) -> None:
    stage = on_executor()
    asked = stage.ask()
    victim: list[subprocess.Popen[bytes]] = []
    begin = executor.begin

    def killing(body: Any) -> tuple[int, Any]:
        told = begin(body)
        if victim:
            os.kill(victim.pop().pid, signal.SIGKILL)
            if forgets:
                executor.forget()
        return told

    executor.begin = killing  # type: ignore[method-assign]
    command = [sys.executable, dying_bridge.__file__, store_url, str(stage.folder), executor.address]
    paths = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    process = subprocess.Popen(command, env=os.environ | paths)
    victim.append(process)
    assert process.wait(timeout=120) == -signal.SIGKILL
    with stage.working():
        ended = stage.ended(asked.deployment_id)
    if forgets:
        assert (ended["state"], ended["error_class"], times(executor)) == ("failed_clean", "UNKNOWN_OUTCOME", [1])
    else:
        assert (ended["state"], times(executor), stage.feed()) == ("succeeded", [1, 1, 1], ONCE)


@pytest.mark.parametrize(("ends", "state"), [("COMPLETED", "succeeded"), ("FAILED", "failed_dirty")])
def test_a_product_is_deployed_through_a_tech_adapter(staged: Callable[..., Stage], ends: str, state: str) -> None:
    with serving(TechAdapter(looks=1, ends=ends)) as tech:
        assert isinstance(tech, TechAdapter)
        tech.moods = [("/provision", "drop")]
        config = {"address": tech.address, "seconds": 20}
        stage = staged(
            adapters={"witboost-http": partial(WitboostHttp, ask=HttpAsk(HERE))},
            bindings=(Binding("witboost-http", configuration=config),),
            pace=SWIFT,
        )
        stage.accept(document())
        ended = deployed(stage)
        assert ended["state"] == state
        if ends == "COMPLETED":
            assert [what for what, _ in tech.did] == ["provision"] * 4  # asked again where the answer was lost
            assert "hunter2" not in str(ended)
