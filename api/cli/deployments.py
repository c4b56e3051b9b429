"""meshgate deployments: which are there, what does each wait for, and what happens to one of them?"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.cli import paths
from api.cli.live import ended, shown, told_of
from api.cli.options import AsJson
from api.cli.printing import show_json
from api.cli.reaching import CATALOG, reaching
from api.settings import Settings

TheDeployment = Annotated[str, typer.Argument(help="The id of a deployment.")]


@reaching(*CATALOG)
def listing(
    settings: Settings,
    environment: Annotated[str | None, typer.Option("--environment", "-e", help="Only to this environment.")] = None,
    product: Annotated[str | None, typer.Option(help="Only of this product line (fully qualified name or id).")] = None,
    state: Annotated[list[str] | None, typer.Option(help="Only those in this state; may be repeated.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List deployments, the newest first, with what blocks each and when it is tried next."""
    from api.cli.talk import talking

    asked: dict[str, Any] = {"environment": environment, "product": product, "state": state, "limit": limit}
    with talking(settings) as talk:
        found = talk.told("GET", "/v1/deployments", params={key: one for key, one in asked.items() if one}).body
    if as_json:
        show_json("deployments", found)
    else:
        shown(text for one in found["deployments"] for text in told_of(one))


@reaching(*CATALOG)
def follow(
    settings: Settings,
    deployment: TheDeployment,
    after: Annotated[int, typer.Option(min=0, help="Only what comes after the event of this number.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Follow a deployment until it is over; as JSON an event a line.

    Exit 0 where it succeeded, 1 where it did not, 2 where it cannot be followed.
    """
    from api.cli.live import follow as followed
    from api.cli.talk import talking

    with talking(settings) as talk:
        state = followed(paths.deployment(deployment), talk, after=after, as_json=as_json)
    raise ended(state)
