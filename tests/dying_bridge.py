"""A worker process that deploys through an executor until it is killed: `python dying_bridge.py URL FOLDER ADDRESS`."""

from __future__ import annotations

import sys
import threading
from functools import partial
from pathlib import Path
from typing import Any

from deploy_stage import Stage

from api.destinations import Destinations
from api.worker.asking import HttpAsk
from engine.policy.environments import Binding
from engine.provision.adapters.odm_executor import OdmExecutor

HERE = Destinations.of(["127.0.0.0/8"], key="adapter_hosts")
TEMPLATES = {"apply": {"projectId": 1}, "destroy": {"projectId": 2}}


def staged(url: str, folder: Path, address: str, *, told: Any = None, config: Any = None, **settings: Any) -> Stage:
    """A stage where an executor makes everything."""
    made = {"address": address, "templates": TEMPLATES, "seconds": 20, **(config or {})}
    more = {} if told is None else {"told": told}
    return Stage(
        url,
        folder,
        adapters={"odm-executor": partial(OdmExecutor, ask=HttpAsk(HERE), **more)},
        bindings=(Binding("odm-executor", configuration=made),),
        lease_seconds=1.0,
        **settings,
    )


if __name__ == "__main__":
    store, place, executor = sys.argv[1:]
    staged(store, Path(place), executor).worker.start()
    threading.Event().wait()
