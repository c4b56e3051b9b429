"""meshgate cancel: stop a deployment that nobody wants any more."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli import paths
from api.cli.following import followed, why
from api.cli.options import AsJson
from api.cli.reaching import CATALOG, answer, reaching
from api.settings import Settings


@reaching(*CATALOG)
def cancel(
    settings: Settings,
    deployment: Annotated[str, typer.Argument(help="The id of a deployment.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept with the deployment.")] = "",
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until it has turned back.")] = True,
    as_json: AsJson = False,
) -> None:
    """Let a deployment turn back at its next step: what it made is undone."""
    from api.cli.talk import talking

    place = paths.deployment(deployment)
    with talking(settings, writes=True, deploys=True) as talk:
        talk.told("POST", f"{place}/cancel", json={"reason": reason})
        found = followed(place, talk, wait=wait)
    answer("deployment", found, why, as_json=as_json)
    raise typer.Exit(1 if found["state"] == "cancelled_dirty" else 0)
