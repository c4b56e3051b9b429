"""meshgate adopt: take over, as a resource of a container, what somebody else made."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli import paths
from api.cli.options import AsJson
from api.cli.printing import show, show_json
from api.cli.reaching import CATALOG, reaching
from api.settings import Settings


@reaching(*CATALOG)
def adopt(
    settings: Settings,
    container: Annotated[str, typer.Argument(help="The id of a container.")],
    resource: Annotated[str, typer.Argument(help="The id of the resource that is not there.")],
    external: Annotated[str, typer.Argument(help="How its adapter calls what somebody else made.")],
    as_json: AsJson = False,
) -> None:
    """Make a thing that somebody else made a resource of a container, if its adapter can; for operators."""
    from api.cli.talk import talking

    with talking(settings, writes=True) as talk:
        place = f"{paths.resource(container, resource)}/adopt"
        told = talk.told("POST", place, json={"external_id": external}).body
    if as_json:
        show_json("container", told)
        return
    state = "in sync" if told["in_sync"] else "out of sync"
    show([f"adopted: {external} is a resource of {told['fqn']} in {told['environment']} now, which is {state}"])
