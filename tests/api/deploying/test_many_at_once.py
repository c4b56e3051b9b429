"""Does the invariant hold while 64 ask at once and several worker processes carry out what they asked for?"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from deploy_stage import DEPLOYER, Stage, document, wait_for
from dying_worker import Diary
from several_workers import crew

from engine.errors import ContainerOccupied, Downgrade


def test_sixty_four_concurrent_requests_before_three_worker_processes_leave_one_live_container(
    postgresql_url: str, tmp_path: Path
) -> None:
    diary = Diary(tmp_path / "diary")
    stage = Stage(postgresql_url, tmp_path / "containers", lease_seconds=1.0)
    answers: list[Any] = [None] * 64
    gate = threading.Barrier(64)

    def ask(number: int) -> None:
        gate.wait()
        try:
            answers[number] = stage.ask(("1.0.0", "1.1.0")[number % 2])
        except (ContainerOccupied, Downgrade) as refused:
            answers[number] = refused

    try:
        for version in ("1.0.0", "1.1.0"):
            stage.accept(document(version))
        with crew(postgresql_url, stage.folder, diary, workers=3, seconds=0.05):
            threads = [threading.Thread(target=ask, args=(number,)) for number in range(64)]
            for one in threads:
                one.start()
            for one in threads:
                one.join()
            asked = {one.deployment_id for one in answers if not isinstance(one, Exception)}
            assert asked
            assert {stage.ended(one)["state"] for one in asked} == {"succeeded"}
            wait_for(lambda: not stage.worker.backlog().turns, "the end of the last turn")
        held = stage.containers.page(principal=DEPLOYER).items
        assert [(one.status, one.usable, one.in_sync) for one in held] == [("active", True, True)]
        begun = 0
        for line in diary.lines():  # never two calls for the one container at once
            begun += 1 if line.startswith("begin") else -1
            assert 0 <= begun <= 1
    finally:
        stage.close()
