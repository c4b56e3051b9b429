"""meshgate containers observe: is what was made still there, and as it was made?"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import paths
from api.cli.containers import lines_of
from api.cli.options import AsJson
from api.cli.printing import show, show_json
from api.cli.reaching import RULES, reaching
from api.settings import Settings

if TYPE_CHECKING:
    from api.cli.talk import Talk


PAUSE = 0.1


@reaching(*RULES)
def observe(
    settings: Settings,
    container: Annotated[str, typer.Argument(help="The id of a container.")],
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until it was looked at.")] = True,
    as_json: AsJson = False,
) -> None:
    """Look at a container now: 0 where everything is as it was made, 1 where it is not, or nobody can say."""
    from api.cli.talk import talking

    with talking(settings, writes=True, observes=True) as talk:
        found = talk.told("POST", f"{paths.container(container)}/observe").body
        if wait:
            found = _looked_at(container, found["wish"], talk)
    if as_json:
        show_json("container", found)
    else:
        show(lines_of(found))
    raise typer.Exit(1 if wait and not (found["in_sync"] and found["usable"]) else 0)


def _looked_at(container: str, wish: int, talk: Talk) -> dict[str, Any]:
    """The container once this wish is fulfilled, or nobody looks at it any more."""
    while True:
        found = talk.told("GET", paths.container(container)).body
        if "observed" not in found or found["observed"] is None or found["observed"]["answered"] >= wish:
            return found
        time.sleep(PAUSE)
