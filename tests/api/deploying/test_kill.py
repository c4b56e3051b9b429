"""Does a deployment whose worker is killed, at whatever point, end once and as if nothing had happened?"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import dying_worker
import pytest
from deploy_stage import DEPLOYER, Stage, document, wait_for
from dying_worker import Diary, staged

ROOT = Path(dying_worker.__file__).resolve().parent.parent
LINE = "urn:dpds:org.example:dataproducts:orders:1"
APPLY = [f"apply {LINE}:infrastructure:store", f"apply {LINE}:applications:fill", f"apply {LINE}:outputports:placed"]
STEPS = ["begin", "plan", *APPLY, "verify", "finish"]
POINTS = [f"{when} {step}" for step in STEPS for when in ("before", "after")]
POINTS += [f"world {name}" for name in ("store", "fill", "placed")]
FEW = ["after plan", "world fill", f"after {APPLY[1]}", "after finish"]


def killed(url: str, folder: Path, point: str, diary: Path) -> None:
    """Run a worker until it has killed itself at the point."""
    command = [sys.executable, dying_worker.__file__, url, str(folder), point, str(diary)]
    paths = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    process = subprocess.run(command, env=os.environ | paths, capture_output=True, timeout=120, check=False)
    assert process.returncode == -signal.SIGKILL, process.stderr.decode()[-2000:]


def ends_once(url: str, tmp_path: Path, point: str) -> None:
    diary = Diary(tmp_path / "diary")
    stage: Stage = staged(url, tmp_path / "containers", "", diary)
    try:
        stage.accept(document())
        asked = stage.ask()
        killed(url, stage.folder, point, diary.path)
        with stage.working():
            assert stage.ended(asked.deployment_id)["state"] == "succeeded"
            wait_for(lambda: stage.worker.oldest_waiting() is None, "an empty queue")
        assert stage.feed() == [
            ("deployment.requested", "1.0.0"),
            ("deployment.succeeded", "1.0.0"),
            ("container.created", "1.0.0"),
        ]
        died_in = point.partition(" ")[2]
        twice = {step for step, times in Counter(diary.lines()).items() if times > 1}
        assert twice <= {died_in, *(step for step in APPLY if step.endswith(":" + died_in))}
        assert set(diary.lines()) == set(STEPS)
        made = sorted(stage.folder.glob("dev/*/*/manifest.json"))
        assert [json.loads(one.read_text())["generation"] for one in made] == [1, 1, 1]
        assert [one.status for one in stage.containers.page(principal=DEPLOYER).items] == ["active"]
    finally:
        stage.close()


@pytest.mark.parametrize("point", FEW)
def test_a_deployment_whose_worker_is_killed_ends_once(store_url: str, tmp_path: Path, point: str) -> None:
    ends_once(store_url, tmp_path, point)


@pytest.mark.long
@pytest.mark.parametrize("round", range(7))
@pytest.mark.parametrize("point", POINTS)
def test_a_deployment_ends_once_wherever_its_worker_is_killed(
    store_url: str, tmp_path: Path, point: str, round: int
) -> None:
    ends_once(store_url, tmp_path, point)
