"""meshgate cancel: stop a deployment that nobody wants any more."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli import options
from api.cli.following import followed
from api.cli.options import AsJson, Config, DatabaseUrl, DataDir, Server
from api.cli.printing import show, show_json


def cancel(
    deployment: Annotated[str, typer.Argument(help="The id of a deployment.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept with the deployment.")] = "",
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until it has turned back.")] = True,
    as_json: AsJson = False,
    config: Config = None,
    server: Server = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Let a deployment turn back at its next step: what it made is undone."""
    from api.cli.talk import talking

    settings = options.settings(config, server=server, data_dir=data_dir, database_url=database_url)
    place = f"/v1/deployments/{deployment}"
    with talking(settings, writes=True, deploys=True) as talk:
        talk.told("POST", f"{place}/cancel", json={"reason": reason})
        found = followed(place, talk, wait=wait)
    if as_json:
        show_json("deployment", found)
    else:
        show([f"{found['state']}: {found['fqn']} {found['version']} in {found['environment']}: {found['reason']}"])
    raise typer.Exit(1 if found["state"] == "cancelled_dirty" else 0)
