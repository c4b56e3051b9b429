"""meshgate decision: how do decisions leave the log, and how is what one of them saw erased?"""

from __future__ import annotations

import sys
from typing import Annotated
from urllib.parse import quote

import orjson
import typer

from api.cli import options
from api.cli.options import AsJson, Config, DatabaseUrl, DataDir, Governance, Server
from api.cli.printing import note
from api.cli.reaching import CATALOG, answer, reaching
from api.settings import Settings

PAGE = 50
"""Decisions that are asked for at once, each with its input."""


def export(
    after: Annotated[str | None, typer.Option(metavar="CURSOR", help="Go on after the line with this cursor.")] = None,
    masked: Annotated[
        bool, typer.Option("--masked/--complete", help="Apply the mask policy, or not (which takes an auditor).")
    ] = True,
    config: Config = None,
    server: Server = None,
    governance: Governance = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Print every decision, oldest first, one JSON object in a line; the last line's `cursor` is where to go on."""
    from api.cli.talk import talking

    settings = options.settings(
        config, server=server, governance=governance, data_dir=data_dir, database_url=database_url
    )
    asked = {"limit": str(PAGE), "complete": "false" if masked else "true"}
    with talking(settings) as talk:
        while lines := talk.told("GET", "/v1/decisions", params=asked | ({"after": after} if after else {})).content:
            sys.stdout.buffer.write(lines)
            sys.stdout.buffer.flush()
            after = orjson.loads(lines.splitlines()[-1])["cursor"]


@reaching(*CATALOG)
def erase(
    settings: Settings,
    decision: Annotated[str, typer.Argument(metavar="ID", help="The decision.")],
    reason: Annotated[str, typer.Option(help="Why; it stays with the tombstone.")],
    record: Annotated[
        bool, typer.Option("--record", help="Its entry of the report too, whose messages may quote the input.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Erase what the policies of a decision saw, for ever; outcome, moment, digests and a tombstone stay."""
    from api.cli.talk import talking

    body = {"reason": reason, "record": record}
    with talking(settings, writes=True) as talk:
        erased = talk.told("POST", f"/v1/decisions/{quote(decision, safe='')}/erasure", json=body).body
    answer("erasure", erased, lambda erased: [f"erased: {erased['input_digest']}"], as_json=as_json)
    others = [one for one in erased["decisions"] if one != decision]
    if others:
        note(f"{len(others)} other decisions saw the same and lost it too: {', '.join(others)}")
