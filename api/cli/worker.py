"""meshgate worker: deploy, rescan, ask saved requirements and tell subscriptions, on one PostgreSQL catalog."""

from __future__ import annotations

import signal
import threading

from api.cli import options
from api.cli.options import Config, DatabaseUrl, DataDir, Governance, Policies
from api.cli.printing import note
from engine.errors import UsageError


def worker(
    config: Config = None,
    policies: Policies = None,
    governance: Governance = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Carry out deployments and rescans, ask saved requirements and tell subscriptions until SIGTERM or Ctrl-C.

    PostgreSQL only: on SQLite the server does it.
    """
    from api.wiring import House

    settings = options.settings(
        config, policies=policies, governance=governance, data_dir=data_dir, database_url=database_url
    )
    if settings.on_sqlite:
        raise UsageError("On SQLite the worker runs inside `meshgate serve`; a worker of its own needs PostgreSQL.")
    asked = threading.Event()
    with House(settings) as house:
        house.database.ready()
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, lambda *_: asked.set())
        with house.at_work():
            note("working")
            asked.wait()
