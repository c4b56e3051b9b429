"""meshgate rescan: decide the whole catalog again."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from api.cli.options import AsJson
from api.cli.printing import note
from api.cli.reaching import ENGINE, Told, answer, reaching
from api.settings import Settings

PAUSE = 0.5
"""Seconds between two looks at a rescan that is waited for."""


@reaching(*ENGINE)
def rescan(
    settings: Settings,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until every product has been decided again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Decide every product of the catalog again by the policies that hold now.

    Without a server it is done here, and waited for.
    """
    from api.cli.talk import talking

    with talking(settings, writes=True, rescans=True) as talk:
        told = talk.told("POST", "/v1/rescans").body
        if settings.server is None or wait:
            while told["state"] == "open":
                note(f"{told['done']} of {told['products']} products")
                time.sleep(PAUSE)
                told = talk.told("GET", f"/v1/rescans/{told['id']}").body
    answer("rescan", told, _lines, as_json=as_json)


def _lines(told: Told) -> list[str]:
    head = f"rescan {told['id']} is {told['state']}: {told['done']} of {told['products']} products"
    counts = f"  {told['confirmed']} stand as they stood, {told['decided']} were decided otherwise than before"
    return [head, counts, f"  {told['changed']} changed their standing"]
