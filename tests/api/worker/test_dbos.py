"""Does the durable engine start, stop, stay quiet and leave living workers alone?"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dying_worker
import pytest
from deploy_stage import Stage, document, wait_for
from dying_worker import Diary

from api.worker.dbos import DbosWorker
from api.worker.store import address_of
from engine.policy.environments import Binding
from engine.provision.adapters.local_fs import LocalFs

ROOT = Path(dying_worker.__file__).resolve().parent.parent


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(f"sqlite:///{tmp_path / 'meshgate.db'}", tmp_path / "containers")
    yield made
    made.close()


def test_a_worker_starts_and_stops_many_times_and_leaves_no_thread(stage: Stage) -> None:
    stage.accept(document())
    before = set(threading.enumerate())
    for _ in range(3):
        with stage.working():
            asked = stage.ask()
            stage.ended(asked.deployment_id)
        assert set(threading.enumerate()) <= before
    stage.worker.stop()


def test_it_says_nothing_while_all_is_well(
    stage: Stage, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    stage.accept(document())
    with caplog.at_level(logging.INFO), stage.working():
        stage.ended(stage.ask().deployment_id)
    assert (capfd.readouterr(), [one.message for one in caplog.records if "dbos" in one.name]) == (("", ""), [])


def test_what_waits_is_told_with_its_age(stage: Stage) -> None:
    stage.accept(document())
    assert stage.worker.oldest_waiting() is None
    asked = stage.ask()
    waiting = stage.worker.oldest_waiting()
    assert waiting is not None
    assert waiting >= 0
    with stage.working():
        stage.ended(asked.deployment_id)
        wait_for(lambda: stage.worker.oldest_waiting() is None, "an empty queue")


def test_a_worker_that_is_stopped_in_the_middle_lets_the_next_one_go_on(tmp_path: Path) -> None:
    class Slow(LocalFs):
        reached, go_on = threading.Event(), threading.Event()

        def apply(self, request: dict[str, Any]) -> dict[str, Any]:
            made.append(request["component"]["name"])
            self.reached.set()
            assert self.go_on.wait(60)
            return super().apply(request)

    made: list[str] = []
    adapter = Slow({"directory": str(tmp_path / "containers")})
    stage = Stage(
        f"sqlite:///{tmp_path / 'meshgate.db'}",
        tmp_path / "containers",
        adapters={"slow": lambda config: adapter},
        bindings=(Binding("slow"),),
    )
    stage.accept(document())
    asked = stage.ask()
    stage.worker.start()
    assert adapter.reached.wait(60)
    stopping = threading.Thread(target=stage.worker.stop)
    stopping.start()
    adapter.go_on.set()
    stopping.join(60)
    assert (stage.deployment(asked.deployment_id)["state"], made) == ("applying", ["store"])
    with stage.working():
        assert stage.ended(asked.deployment_id)["state"] == "succeeded"
    assert made == ["store", "fill", "placed"]
    stage.close()


def test_what_a_step_could_not_do_because_the_catalog_was_away_is_tried_again(stage: Stage, tmp_path: Path) -> None:
    from engine.errors import CatalogUnavailable

    tries: list[str] = []

    def script(deployment_id: str, step: Callable[[str, Callable[[], Any]], Any]) -> None:
        def action() -> str:
            tries.append(deployment_id)
            if len(tries) < 2:
                raise CatalogUnavailable("away")
            return "here"

        answers.append(step("look", action))

    answers: list[str] = []
    worker = DbosWorker(
        url=f"sqlite:///{tmp_path / 'meshgate.db'}",
        script=script,
        wake=lambda durable: None,
        anew=lambda deployment_id, turn: None,
        sole=True,
        poll_seconds=0.05,
    )
    with stage.database.bind.begin() as connection:
        worker.enqueue(connection, "one")
    worker.start()
    wait_for(lambda: answers, "the second try")
    worker.stop()
    assert (tries, answers) == (["one", "one"], ["here"])


def test_postgresql_is_reached_through_the_driver_that_we_ship() -> None:
    assert (
        address_of("postgresql://u:p@h:5/d?application_name=x") == "postgresql+psycopg://u:p@h:5/d?application_name=x"
    )
    assert address_of("sqlite:////data/meshgate.db") == "sqlite:////data/meshgate.db"


@contextmanager
def other_worker(url: str, folder: Path, point: str, diary: Diary) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, dying_worker.__file__, url, str(folder), point, str(diary.path)]
    paths = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    process = subprocess.Popen(command, env=os.environ | paths, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_living_worker_is_left_alone_and_a_sleeper_that_wakes_changes_nothing(
    postgresql_url: str, tmp_path: Path
) -> None:
    """Worker one is paused inside an adapter: alive, it keeps its work; asleep, it loses it; awake, it is refused."""
    diary = Diary(tmp_path / "diary")
    stage = dying_worker.staged(postgresql_url, tmp_path / "containers", "", Diary(tmp_path / "mine"))
    changed = document("1.1.0")
    changed["internalComponents"]["applicationComponents"][0]["description"] = "more"
    stage.accept(document())
    stage.accept(changed)
    asked = stage.ask()
    with other_worker(postgresql_url, stage.folder, "pause fill", diary) as one:
        wait_for(lambda: "paused" in diary.lines(), "the pause")
        assert stage.worker.rescue() == 0
        one.send_signal(signal.SIGSTOP)
        with stage.working():
            assert stage.ended(asked.deployment_id)["state"] == "succeeded"
            assert stage.ended(stage.ask("1.1.0").deployment_id)["state"] == "succeeded"
            before = (stage.container(asked.container_id), stage.feed())
            Path(f"{stage.folder}.go").touch()
            one.send_signal(signal.SIGCONT)
            late = wait_for(lambda: [line for line in diary.lines() if line.startswith("late")], "the late apply")
            assert "STALE_GENERATION" in late[0]
            wait_for(lambda: stage.worker.oldest_waiting() is None, "an empty queue")
        assert (stage.container(asked.container_id), stage.feed()) == before
    stage.close()


def test_a_turn_that_failed_for_a_fault_of_ours_is_tried_again_by_the_next_worker_that_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from api.flows.backlog import work
    from engine.errors import PlanInvalid
    from engine.provision.durable import Script, Step

    mended = threading.Event()

    def faulty(script: Script) -> Script:
        def run(deployment_id: str, step: Step) -> None:
            if not mended.is_set():
                step("fault", lambda: fault(PlanInvalid("a fault of ours")))
            script(deployment_id, step)

        return run

    def fault(error: Exception) -> None:
        raise error

    stage = Stage(f"sqlite:///{tmp_path / 'meshgate.db'}", tmp_path / "containers", script=faulty)
    stage.accept(document())
    asked = stage.ask().deployment_id
    with stage.working():
        wait_for(lambda: work(stage.database, stage.worker).ages["forgotten"], "the alarm")
    mended.set()
    with stage.working():
        assert stage.ended(asked)["state"] == "succeeded"
        wait_for(lambda: not work(stage.database, stage.worker).ages["forgotten"], "the end of the alarm")
    stage.close()
