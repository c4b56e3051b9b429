"""Worker processes on one PostgreSQL whose adapter notes in a diary when each call begins and ends, and by whom.

`python several_workers.py URL FOLDER DIARY NAME CONCURRENCY SECONDS`: each call takes so many seconds.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy_stage import SWIFT, Stage
from dying_worker import Diary

from engine.policy.environments import Binding
from engine.provision.adapters.local_fs import LocalFs
from engine.provision.pace import Pace

ROOT = Path(__file__).resolve().parent.parent


class Noted(LocalFs):
    """local-fs that takes its time and tells when it began and ended."""

    name, seconds = "", 0.0
    diary: Diary

    def apply(self, request: dict[str, Any]) -> dict[str, Any]:
        what = f"{self.name} {request['container']['product']} {request['component']['name']}"
        self.diary.note(f"begin {what}")
        time.sleep(self.seconds)
        outcome = super().apply(request)
        self.diary.note(f"end {what}")
        return outcome


def inside(diary: Diary) -> str:
    """The name of a worker that is in a call."""
    begun = [line.split()[1] for line in diary.lines() if line.startswith("begin")]
    ended = [line.split()[1] for line in diary.lines() if line.startswith("end")]
    return next((name for name in begun if begun.count(name) > ended.count(name)), "")


def overlap(diary: Diary) -> int:
    """The largest number of products in whose deployments calls were under way at once."""
    here: set[str] = set()
    most = 0
    for line in diary.lines():
        word, _, product, _ = line.split()
        here = here | {product} if word == "begin" else here - {product}
        most = max(most, len(here))
    return most


@contextmanager
def crew(
    url: str, folder: Path, diary: Diary, *, workers: int, concurrency: int = 0, seconds: float = 0.1
) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """So many worker processes by name, which are killed at the end."""
    paths = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    told = [str(concurrency), str(seconds)]
    made = {
        name: subprocess.Popen(
            [sys.executable, __file__, url, str(folder), str(diary.path), name, *told],
            env=os.environ | paths,
            stderr=subprocess.DEVNULL,
        )
        for name in (f"w{number}" for number in range(workers))
    }
    try:
        yield made
    finally:
        for process in made.values():
            process.kill()
            process.wait()


def working(url: str, folder: Path, diary: Diary, name: str, concurrency: int, seconds: float) -> Stage:
    adapter = Noted({"directory": str(folder)})
    adapter.name, adapter.seconds, adapter.diary = name, seconds, diary
    return Stage(
        url,
        folder,
        adapters={"noted": lambda config: adapter},
        bindings=(Binding("noted"),),
        concurrency=concurrency or None,
        pace=Pace(SWIFT.first, 3600, SWIFT.tries, SWIFT.look),
        lease_seconds=1.0,
    )


if __name__ == "__main__":
    where, place, book, who, most, each = sys.argv[1:]
    working(where, Path(place), Diary(Path(book)), who, int(most), float(each)).worker.start()
    threading.Event().wait()
