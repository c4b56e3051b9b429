"""meshgate adapter serve: lend an installed adapter to other machines, over HTTP."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from api.cli import options
from api.cli.options import Config, DataDir
from api.cli.printing import note
from engine.errors import UsageError


def serving(
    adapter: Annotated[str, typer.Argument(help="The name of an adapter (`meshgate adapter list`).")],
    configuration: Annotated[str, typer.Option(help="What it is configured with, as a JSON object.")] = "{}",
    listen: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Only this machine, unless told.")
    ] = "127.0.0.1:8720",
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Serve upp/1 until Ctrl-C. It asks nobody who they are: put it where only workers reach it."""
    import uvicorn

    from api.http.adapter_app import app
    from api.wiring import House

    try:
        told = json.loads(configuration)
    except ValueError as reason:
        raise UsageError(f"--configuration is no JSON: {reason}.") from reason
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit() or not isinstance(told, dict):
        raise UsageError("--listen is HOST:PORT, and --configuration a JSON object.")
    with House(options.settings(config, data_dir=data_dir)) as house:
        made = house.registry.adapter(adapter, told).provisioner
        note(f"{adapter} speaks upp/1 on http://{listen}")
        uvicorn.run(app(made), host=host.strip("[]"), port=int(port), log_level="warning")
