"""meshgate requirement: which needs did you save, and which products fit them?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from api.cli import options
from api.cli.fitness import MOST_REASONS, Params, parameters, text_of
from api.cli.options import AsJson, Config, DatabaseUrl, DataDir, Server
from api.cli.printing import show, show_json

Named = Annotated[str, typer.Argument(metavar="NAME", help="The requirement: your name for it, or its id.")]


def save(
    name: Annotated[str, typer.Argument(help="What you call it.")],
    rego: Annotated[Path, typer.Argument(metavar="FILE", help="The requirement as Rego.")],
    query: Annotated[str, typer.Option(help="Only products that this search finds; all when left out.")] = "",
    param: Params = None,
    as_json: AsJson = False,
    config: Config = None,
    server: Server = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Save what you need; the change feed tells you when a product starts or stops to fit."""
    from api.cli.talk import talking

    settings = options.settings(config, server=server, data_dir=data_dir, database_url=database_url)
    body = {"name": name, "rego": text_of(rego), "parameters": parameters(param), "query": query}
    with talking(settings, writes=True) as talk:
        made = talk.told("POST", "/v1/requirements", json=body).body
    if as_json:
        show_json("requirement", made)
    else:
        show([made["id"]])


def listing(
    as_json: AsJson = False,
    config: Config = None,
    server: Server = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """List your saved requirements (an operator: all), with how many products fit each."""
    from api.cli.talk import talking

    settings = options.settings(config, server=server, data_dir=data_dir, database_url=database_url)
    with talking(settings) as talk:
        found = talk.told("GET", "/v1/requirements").body
    if as_json:
        show_json("requirements", found)
    else:
        show([line for one in found["requirements"] for line in _lines(one)] or ["no requirements"])


def shown(
    requirement: Named,
    as_json: AsJson = False,
    config: Config = None,
    server: Server = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Show a saved requirement: its text, and which products fit it, by what was found out last."""
    from api.cli.talk import talking

    settings = options.settings(config, server=server, data_dir=data_dir, database_url=database_url)
    with talking(settings) as talk:
        found = talk.told("GET", _path(requirement)).body
    if as_json:
        show_json("requirement", found)
    else:
        standings = [line for one in found["standings"] for line in _standing(one)]
        show([*_lines(found), *standings, "", *found["rego"].expandtabs(4).splitlines()])


def delete(
    requirement: Named,
    config: Config = None,
    server: Server = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Delete a saved requirement: it is asked no more."""
    from api.cli.talk import talking

    settings = options.settings(config, server=server, data_dir=data_dir, database_url=database_url)
    with talking(settings, writes=True) as talk:
        talk.told("DELETE", _path(requirement))


def _path(requirement: str) -> str:
    return f"/v1/requirements/{quote(requirement, safe='')}"


def _lines(one: dict[str, Any]) -> Iterator[str]:
    counts, followed = one["counts"], one["followed"] or {"cursor": -1, "reason": ""}
    told = "not asked yet" if followed["cursor"] < 0 else f"{counts['fit']} fit, {counts['unfit']} do not"
    yield f"{one['name']}  {told}, of {one['query'] or 'all products'}, for {one['principal']}"
    yield f"  {one['id']}"
    if followed["reason"]:
        yield f"  {followed['reason']}"


def _standing(one: dict[str, Any]) -> Iterator[str]:
    yield f"{one['verdict']:5} {one['version']}  {one['fqn']}"
    yield from (f"  {reason['code']}: {reason['msg']}" for reason in one["reasons"][:MOST_REASONS])
