"""meshgate policy release, rollback, releases: what is in force for the catalog, and what was before?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import AsJson
from api.cli.reaching import CATALOG, Told, answer, reaching
from api.settings import Settings

SECONDS = 3600.0
"""How long the whole catalog may take to be tried."""


@reaching(*CATALOG)
def release(
    settings: Settings,
    file: Annotated[Path, typer.Argument(help="The bundle to release.", metavar="BUNDLE", exists=True, dir_okay=False)],
    sample: Annotated[
        int | None, typer.Option(min=1, help="Try it on so many products only, spread over the catalog.", metavar="N")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Put a bundle in force for the catalog: verified, loaded, self-tested and tried on what is in it."""
    from api.cli.talk import talking

    with talking(settings, writes=True) as talk:
        made = talk.told(
            "POST",
            "/v1/releases",
            content=file.read_bytes(),
            headers={"content-type": "application/gzip"},
            params={} if sample is None else {"sample": sample},
            timeout=SECONDS,
        ).body
    answer("release", made, _released, as_json=as_json)


@reaching(*CATALOG)
def rollback(
    settings: Settings,
    to: Annotated[
        str | None, typer.Argument(help="A release's number or revision; else the one before the present one.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; it stands in the list of releases.")] = "",
    as_json: AsJson = False,
) -> None:
    """Put an earlier release in force again, at once."""
    from api.cli.talk import talking

    with talking(settings, writes=True) as talk:
        made = talk.told("POST", "/v1/releases/rollback", json={"to": to, "reason": reason}).body
    answer("release", made, _in_force, as_json=as_json)


@reaching(*CATALOG)
def releases(settings: Settings, as_json: AsJson = False) -> None:
    """List the releases, the newest first; a star marks the one in force."""
    from api.cli.talk import talking

    with talking(settings) as talk:
        found = talk.told("GET", "/v1/releases").body
    answer("releases", found, _lines, as_json=as_json)


def _released(made: Told) -> list[str]:
    tried = made["tried"]
    what = "was in force already" if tried is None else f"is in force, tried on {tried} product{'s' * (tried != 1)}"
    return [f"release {made['number']} {what}", *_facts(made)]


def _in_force(made: Told) -> list[str]:
    return [f"release {made['number']} is in force", *_facts(made)]


def _lines(found: Told) -> list[str]:
    lines = [line for one in found["releases"] for line in _release(one)]
    return lines or ["nothing was released: configured policies hold"]


def _release(one: Told) -> list[str]:
    signed = f"signed by {one['key_id']}" if one["key_id"] else "signature not verified"
    head = (
        f"{'*' if one['active'] else ' '} {one['number']:>3}  {one['revision']}  {one['policies']} policies, {signed}"
    )
    who = f"       released {one['released']}, here since {one['at']} by {one['principal']}"
    return [head, who, *([f"       {one['reason']}"] if one["reason"] else [])]


def _facts(made: Told) -> list[str]:
    return [f"  {name:<11} {made[name]}" for name in ("revision", "released", "key_id") if made[name]]
