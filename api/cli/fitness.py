"""meshgate fitness: which products fit what is needed, and why not the others?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli import options
from api.cli.options import AsJson, Config, DatabaseUrl, DataDir, Server
from api.cli.printing import show, show_json
from engine.errors import UsageError

MOST_REASONS = 3
"""Reasons printed below one product; JSON has more."""
Params = Annotated[
    list[str] | None,
    typer.Option("--param", metavar="KEY=VALUE", help="A parameter; VALUE is read as JSON, else as text (repeatable)."),
]


def fitness(
    need: Annotated[str, typer.Argument(metavar="NEED", help="A Rego file, or the id or name of a saved requirement.")],
    query: Annotated[
        str | None, typer.Option(help="Only products that this search finds, such as 'orders domain:sales'.")
    ] = None,
    param: Params = None,
    candidates: Annotated[int, typer.Option(min=1, max=1000, help="How many of the best hits are asked.")] = 1000,
    as_json: AsJson = False,
    config: Config = None,
    server: Server = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Ask products whether they fit a requirement. Exit 0: one fits, 1: none does, 2: some undecided, 3: none asked."""
    from api.cli.talk import talking

    settings = options.settings(config, server=server, data_dir=data_dir, database_url=database_url)
    body = {**_need(need), "parameters": parameters(param), "query": query, "candidates": candidates}
    with talking(settings) as talk:
        found = talk.told("POST", "/v1/fitness", json=body).body
    if as_json:
        show_json("fitness", found)
    else:
        show(_lines(found))
    raise typer.Exit(_code(found["counts"]))


def parameters(given: list[str] | None) -> dict[str, Any]:
    """The parameters that are given as KEY=VALUE. Raises UsageError."""
    import json

    told: dict[str, Any] = {}
    for one in given or []:
        key, equals, value = one.partition("=")
        if not equals or not key:
            raise UsageError(f"`--param {one}` is not KEY=VALUE.")
        try:
            told[key] = json.loads(value)
        except ValueError:
            told[key] = value
    return told


def text_of(file: Path) -> str:
    """The text of a Rego file. Raises UsageError."""
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as reason:
        raise UsageError(f"{file} cannot be read: {getattr(reason, 'strerror', None) or 'it is not UTF-8'}.") from None


def _need(named: str) -> dict[str, str]:
    if named.endswith(".rego") or Path(named).is_file():
        return {"rego": text_of(Path(named))}
    return {"saved": named}


def _code(counts: dict[str, int]) -> int:
    if counts["undecided"]:
        return 2
    if counts["fit"]:
        return 0
    return 1 if counts["unfit"] else 3


def _lines(found: dict[str, Any]) -> Iterator[str]:
    for one in found["candidates"]:
        yield from _candidate(one)
    counts, total = found["counts"], found["found"]
    asked, exact = found["considered"], "" if total["exact"] else "more than "
    yield f"{counts['fit']} fit, {counts['unfit']} do not, {counts['undecided']} undecided" + (
        "" if asked == total["value"] else f"; the best {asked} of {exact}{total['value']} were asked"
    )


def _candidate(one: dict[str, Any]) -> Iterator[str]:
    yield f"{one['verdict']:9} {one['name']} {one['version']}  {one['fqn']}"
    for reason in one["reasons"][:MOST_REASONS]:
        place = f" at {reason['path']}" if reason["path"] else ""
        yield f"  {reason['code']}: {reason['msg']}{place}"
    if one["reason_count"] > MOST_REASONS:
        yield f"  and {one['reason_count'] - MOST_REASONS} more"
    if one["undecided_because"]:
        yield f"  {one['undecided_because']}"
