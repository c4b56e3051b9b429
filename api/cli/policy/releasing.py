"""meshgate policy release, rollback, releases: what is in force for the catalog, and what was before?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli import options
from api.cli.options import AsJson, Config, DatabaseUrl, DataDir, Server
from api.cli.printing import show, show_json

SECONDS = 3600.0
"""How long the whole catalog may take to be tried."""


def release(
    file: Annotated[Path, typer.Argument(help="The bundle to release.", metavar="BUNDLE", exists=True, dir_okay=False)],
    sample: Annotated[
        int | None, typer.Option(min=1, help="Try it on so many products only, spread over the catalog.", metavar="N")
    ] = None,
    as_json: AsJson = False,
    config: Config = None,
    server: Server = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Put a bundle in force for the catalog: verified, loaded, self-tested and tried on what is in it."""
    from api.cli.talk import talking

    settings = options.settings(config, server=server, data_dir=data_dir, database_url=database_url)
    with talking(settings, writes=True) as talk:
        made = talk.told(
            "POST",
            "/v1/releases",
            content=file.read_bytes(),
            headers={"content-type": "application/gzip"},
            params={} if sample is None else {"sample": sample},
            timeout=SECONDS,
        ).body
    if as_json:
        show_json(made)
        return
    tried = made["tried"]
    what = "was in force already" if tried is None else f"is in force, tried on {tried} product{'s' * (tried != 1)}"
    show([f"release {made['number']} {what}", *_facts(made)])


def rollback(
    to: Annotated[
        str | None, typer.Argument(help="A release's number or revision; else the one before the present one.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; it stands in the list of releases.")] = "",
    as_json: AsJson = False,
    config: Config = None,
    server: Server = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Put an earlier release in force again, at once."""
    from api.cli.talk import talking

    settings = options.settings(config, server=server, data_dir=data_dir, database_url=database_url)
    with talking(settings, writes=True) as talk:
        made = talk.told("POST", "/v1/releases/rollback", json={"to": to, "reason": reason}).body
    if as_json:
        show_json(made)
    else:
        show([f"release {made['number']} is in force", *_facts(made)])


def releases(
    as_json: AsJson = False,
    config: Config = None,
    server: Server = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """List the releases, the newest first; a star marks the one in force."""
    from api.cli.talk import talking

    settings = options.settings(config, server=server, data_dir=data_dir, database_url=database_url)
    with talking(settings) as talk:
        found = talk.told("GET", "/v1/releases").body["releases"]
    if as_json:
        show_json(found)
    else:
        show([line for one in found for line in _lines(one)] or ["nothing was released: configured policies hold"])


def _lines(one: dict[str, Any]) -> list[str]:
    signed = f"signed by {one['key_id']}" if one["key_id"] else "signature not verified"
    head = (
        f"{'*' if one['active'] else ' '} {one['number']:>3}  {one['revision']}  {one['policies']} policies, {signed}"
    )
    who = f"       released {one['released']}, here since {one['at']} by {one['principal']}"
    return [head, who, *([f"       {one['reason']}"] if one["reason"] else [])]


def _facts(made: dict[str, Any]) -> list[str]:
    return [f"  {name:<11} {made[name]}" for name in ("revision", "released", "key_id") if made[name]]
