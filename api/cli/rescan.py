"""meshgate rescan: decide the whole catalog again."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from api.cli import options
from api.cli.options import AsJson, Config, DatabaseUrl, DataDir, Governance, OpaUrl, Policies, Server
from api.cli.printing import note, show, show_json

PAUSE = 0.5
"""Seconds between two looks at a rescan that is waited for."""


def rescan(
    wait: Annotated[bool, typer.Option("--wait", help="Wait until every product has been decided again.")] = False,
    as_json: AsJson = False,
    config: Config = None,
    server: Server = None,
    policies: Policies = None,
    governance: Governance = None,
    opa_url: OpaUrl = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Decide every product of the catalog again by the policies that hold now.

    Without a server it is done here, and waited for.
    """
    from api.cli.talk import talking

    settings = options.settings(
        config,
        server=server,
        policies=policies,
        governance=governance,
        opa_url=opa_url,
        data_dir=data_dir,
        database_url=database_url,
    )
    with talking(settings, writes=True, rescans=True) as talk:
        told = talk.told("POST", "/v1/rescans").body
        if settings.server is None or wait:
            while told["state"] == "open":
                note(f"{told['done']} of {told['products']} products")
                time.sleep(PAUSE)
                told = talk.told("GET", f"/v1/rescans/{told['id']}").body
    show_json(told) if as_json else show(_lines(told))


def _lines(told: dict[str, Any]) -> list[str]:
    head = f"rescan {told['id']} is {told['state']}: {told['done']} of {told['products']} products"
    counts = f"  {told['confirmed']} stand as they stood, {told['decided']} were decided otherwise than before"
    return [head, counts, f"  {told['changed']} changed their standing"]
