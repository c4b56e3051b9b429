"""A worker process that kills itself at one named point: `python dying_worker.py URL FOLDER POINT DIARY`.

A point is `before <step>`, `after <step>` (done, but not yet remembered) or `world <component>` (the adapter has
changed the world, and nobody knows yet). At `pause <component>` it waits in the adapter until FOLDER.go exists. Every
step that really runs is written to the diary.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deploy_stage import Stage, wait_for

from engine.model import Json
from engine.policy.environments import Binding
from engine.provision.adapters.local_fs import LocalFs
from engine.provision.durable import Action, Script, Step


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    threading.Event().wait()


class Diary:
    """What really ran, line by line, in a file that survives its writer."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def note(self, line: str) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def lines(self) -> list[str]:
        return self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []


def dying(point: str, diary: Diary) -> Callable[[Script], Script]:
    """Wraps a script so that it dies before or after the action of the named step."""

    def wrapped(script: Script) -> Script:
        def run(deployment_id: str, step: Step) -> None:
            script(deployment_id, lambda name, action: step(name, _watched(name, action)))

        return run

    def _watched(name: str, action: Action) -> Action:
        def run() -> Json:
            if point == f"before {name}":
                die()
            diary.note(name)
            answer = action()
            if point == f"after {name}":
                die()
            return answer

        return run

    return wrapped


class DyingFs(LocalFs):
    """local-fs that dies when it has made the named component, or waits before it makes it."""

    point = ""
    diary: Diary

    def apply(self, request: dict[str, Any]) -> dict[str, Any]:
        if self.point == f"pause {request['component']['name']}":
            self.diary.note("paused")
            wait_for(Path(f"{self.directory}.go").exists, "the sign to go on")
            outcome = super().apply(request)
            self.diary.note(f"late apply: {outcome.get('error', outcome)}")
            return outcome
        outcome = super().apply(request)
        if self.point == f"world {request['component']['name']}":
            die()
        return outcome


def staged(url: str, folder: Path, point: str, diary: Diary, **settings: Any) -> Stage:
    adapter = DyingFs({"directory": str(folder)})
    adapter.point, adapter.diary = point, diary
    return Stage(
        url,
        folder,
        adapters={"dying-fs": lambda config: adapter},
        bindings=(Binding("dying-fs"),),
        script=dying(point, diary),
        lease_seconds=1.0,
        **settings,
    )


if __name__ == "__main__":
    where, place, when, book = sys.argv[1:]
    worker = staged(where, Path(place), when, Diary(Path(book)))
    worker.worker.start()
    threading.Event().wait()
