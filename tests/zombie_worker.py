"""A worker process that waits inside of an adapter's call: `python zombie_worker.py URL FOLDER DIARY ADAPTER CONFIG`.

The adapter is a real one that is built in. Before it makes the port `placed` it waits until FOLDER.go exists, and
tells the diary what became of the late call. A `command` adapter waits in its executable instead (`zombie_command`).
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from deploy_stage import Stage, wait_for
from dying_worker import Diary

from engine.policy.environments import Binding
from engine.provision.contract import Provisioner
from engine.provision.registry import BUILT_IN


def late(adapter: Any, sign: Path, diary: Diary) -> Provisioner:
    """The adapter, which waits for the sign before it makes `placed`."""
    apply = adapter.apply

    def applied(request: dict[str, Any]) -> dict[str, Any]:
        if request["component"]["name"] != "placed":
            return dict(apply(request))
        diary.note("paused")
        wait_for(sign.exists, "the sign to go on")
        outcome = apply(request)
        diary.note(f"late: {json.dumps(outcome.get('error', outcome['state']))}")
        return dict(outcome)

    adapter.apply = applied
    made: Provisioner = adapter
    return made


def staged(
    url: str,
    folder: Path,
    name: str,
    config: Mapping[str, Any],
    around: Callable[[Any], Provisioner] = lambda adapter: adapter,
) -> Stage:
    return Stage(
        url,
        folder,
        adapters={"real": lambda told: around(BUILT_IN[name]()({**config, **told}))},
        bindings=(Binding("real"),),
        lease_seconds=1.0,
    )


if __name__ == "__main__":
    where, place, book, kind, settings = sys.argv[1:]
    sign, notes = Path(f"{place}.go"), Diary(Path(book))
    waits = (lambda one: one) if kind == "command" else (lambda one: late(one, sign, notes))
    staged(where, Path(place), kind, json.loads(settings), waits).worker.start()
    threading.Event().wait()
