"""Does a newer meshgate carry to its end what an older one began, whether that was killed, drained or still lives?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import older_worker
import pytest
from deploy_stage import Stage, document, wait_for
from dying_worker import Diary, staged
from sqlalchemy import text

import api.worker.dbos as durable
from api.worker.lease import Lease
from api.worker.lost import named, sorted_out

ROOT = Path(older_worker.__file__).resolve().parent.parent
OLD = "deploy-0"


@contextmanager
def older(url: str, folder: Path, point: str, diary: Diary) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, older_worker.__file__, url, str(folder), point, str(diary.path), OLD]
    paths = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    process = subprocess.Popen(command, env=os.environ | paths)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'meshgate.db'}"
    return str(request.getfixturevalue("postgresql_url"))


@pytest.fixture
def stage(url: str, tmp_path: Path) -> Iterator[Stage]:
    made = staged(url, tmp_path / "containers", "", Diary(tmp_path / "mine"))
    made.accept(document())
    yield made
    made.close()


def asked_of_the_older(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> str:
    """A deployment that an older server handed over."""
    with monkeypatch.context() as before:
        before.setattr(durable, "APPLICATION_VERSION", OLD)
        return stage.ask().deployment_id


def workflows(stage: Stage) -> list[tuple[str, str, str]]:
    """Number, version and status of every turn."""
    table = "dbos.workflow_status" if stage.database.dialect == "postgresql" else "workflow_status"
    with stage.database.reading() as connection:
        rows = connection.execute(text(f"SELECT workflow_uuid, application_version, status FROM {table}"))
        return sorted((row[0].partition(":")[2], row[1], row[2]) for row in rows)


def ends_well(stage: Stage, deployment_id: str) -> None:
    with stage.working():
        assert stage.ended(deployment_id)["state"] == "succeeded"
        wait_for(lambda: stage.worker.oldest_waiting() is None, "an empty queue")
    assert stage.feed() == [
        ("deployment.requested", "1.0.0"),
        ("deployment.succeeded", "1.0.0"),
        ("container.created", "1.0.0"),
    ]


def test_what_an_older_version_enqueued_and_nobody_began_gets_a_turn_of_the_newer(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asked_of_the_older(stage, monkeypatch)
    ends_well(stage, asked)
    assert workflows(stage) == [("1", OLD, "CANCELLED"), ("2", durable.APPLICATION_VERSION, "SUCCESS")]


@pytest.mark.parametrize("point", ["before plan", "world fill", "after verify"])
def test_a_deployment_whose_older_worker_was_killed_is_carried_to_its_end(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    asked = asked_of_the_older(stage, monkeypatch)
    diary = Diary(tmp_path / "older")
    with older(str(stage.database.bind.url.render_as_string(False)), stage.folder, point, diary) as process:
        assert process.wait(60) == -signal.SIGKILL
    ends_well(stage, asked)
    assert workflows(stage) == [("1", OLD, "CANCELLED"), ("2", durable.APPLICATION_VERSION, "SUCCESS")]


def test_a_deployment_whose_older_worker_was_drained_is_carried_to_its_end(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGTERM while it is inside an adapter: the call ends, and nothing of it is done again."""
    asked = asked_of_the_older(stage, monkeypatch)
    diary = Diary(tmp_path / "older")
    with older(str(stage.database.bind.url.render_as_string(False)), stage.folder, "pause fill", diary) as process:
        wait_for(lambda: "paused" in diary.lines(), "the call")
        process.send_signal(signal.SIGTERM)
        Path(f"{stage.folder}.go").touch()
        assert process.wait(60) == 0
    assert stage.deployment(asked)["state"] == "applying"
    ends_well(stage, asked)
    assert Counter(diary.lines() + Diary(tmp_path / "mine").lines())["paused"] == 1


def test_while_an_older_worker_lives_what_is_its_own_is_left_to_it(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rolling upgrade: both versions work at once, each on its own turns, until the older one is gone."""
    stage = staged(postgresql_url, tmp_path / "containers", "", Diary(tmp_path / "mine"))
    diary = Diary(tmp_path / "older")
    try:
        for name in ("orders", "bills"):
            stage.accept(document(name=name))
        with older(postgresql_url, stage.folder, "pause fill", diary) as process, monkeypatch.context() as before:
            before.setattr(durable, "APPLICATION_VERSION", OLD)
            first = stage.ask().deployment_id
            wait_for(lambda: "paused" in diary.lines(), "the call of the older one")
            before.undo()
            with stage.working():
                second = stage.ask(name="bills").deployment_id
                assert stage.ended(second)["state"] == "succeeded"
                assert stage.worker.rescue() == 0
                versions = {one.version for one in stage.worker.backlog().workers}
                assert versions == {OLD, durable.APPLICATION_VERSION}
                Path(f"{stage.folder}.go").touch()
                assert stage.ended(first)["state"] == "succeeded"
                process.send_signal(signal.SIGTERM)
                assert process.wait(60) == 0
        assert workflows(stage) == [("1", OLD, "SUCCESS"), ("1", durable.APPLICATION_VERSION, "SUCCESS")]
        assert not any(
            line.startswith("apply") and line.endswith("orders:1") for line in Diary(tmp_path / "mine").lines()
        )
    finally:
        stage.close()


class Told:
    """A workflow as far as it matters who has it."""

    created_at = updated_at = 0

    def __init__(self, name: str, status: str, executor_id: str, app_version: str | None) -> None:
        self.workflow_id, self.status = name, status
        self.executor_id, self.app_version = executor_id, app_version


def sorted_names(found: list[Told], *leases: tuple[str, str, bool]) -> tuple[list[str], list[str]]:
    said = [Lease(name, version, 0.0, alive, 0.0) for name, version, alive in leases]
    lost = sorted_out(found, said, version="new")
    return [one.workflow_id for one in lost.again], [one.workflow_id for one in lost.anew]


@pytest.mark.parametrize(
    ("leases", "again", "anew"),
    [
        ((("old-1", "old", True),), ["new pending"], []),
        ((("old-1", "old", False),), ["new pending"], ["old waiting", "old pending"]),
        ((("old-2", "old", True),), ["old pending", "new pending"], []),
        ((("x", "", True),), ["old pending", "new pending"], []),
        ((("new-1", "new", True),), [], ["old waiting", "old pending"]),
    ],
)
def test_who_takes_over_what_is_decided_by_the_leases(leases: Any, again: list[str], anew: list[str]) -> None:
    found = [
        Told("old waiting", "ENQUEUED", "", "old"),
        Told("new waiting", "ENQUEUED", "", "new"),
        Told("old pending", "PENDING", "old-1", "old"),
        Told("new pending", "PENDING", "new-1", "new"),
    ]
    assert sorted_names(found, *leases) == (again, anew)


def test_a_turn_is_named_by_its_deployment_and_its_number_also_before_there_were_any() -> None:
    assert [named("d-1:7"), named("d-1")] == [("d-1", 7), ("d-1", 1)]
