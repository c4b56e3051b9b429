"""A process that rescans and kills itself: `python dying_rescanner.py FOLDER MOMENT [FLAG=VALUE…]`.

A moment is `judged N` (when it has judged so many lines), or `written` (when it has written its first batch, and
nobody was told). Batches are small, so that there are several of them.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from doors import NOW, a_house

from api.flows.rescanning import batch

BATCH = 4


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    threading.Event().wait()


def dying(moment: str) -> None:
    """Let this process end at the moment."""
    judge_each, write = batch.judge_each, batch._write
    judged = 0

    def judging(*told: Any, **more: Any) -> Iterator[Any]:
        nonlocal judged
        for verdict in judge_each(*told, **more):
            judged += 1
            if moment == f"judged {judged}":
                die()
            yield verdict

    def writing(*told: Any) -> None:
        write(*told)
        if moment == "written":
            die()

    batch.judge_each, batch._write = judging, writing  # type: ignore[assignment]


if __name__ == "__main__":
    where, when, *given = sys.argv[1:]
    folder = Path(where)
    dying(when)
    flags = dict(one.split("=", 1) for one in given)
    rules = {"policies": [str(folder / "policies")], "governance": str(folder / "governance")}
    with a_house(folder, **rules, **flags) as house:
        house.clock = lambda: NOW
        house.database.upgrade()
        while house.rescanner.once():
            pass
