"""meshgate policy replay: does deciding again what a decision saw give the same?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from api.cli.options import AsJson
from api.cli.reaching import ENGINE, Told, answer, reaching
from api.settings import Settings
from engine.errors import UsageError


@reaching(*ENGINE)
def replay(
    settings: Settings,
    decision: Annotated[str, typer.Argument(metavar="ID", help="The decision.")],
    bundle: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Decide under this bundle and what it carries, not under what holds here."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Decide again what a logged decision saw, as of its moment; exit 1 when the answer differs."""
    from api.cli.talk import talking

    if bundle is not None:
        if settings.server is not None:
            raise UsageError("A server decides under its own rules; `--bundle` works on this machine's catalog only.")
        settings = replace(settings, policies=(str(bundle.absolute()),), governance=None)
    with talking(settings) as talk:
        told = talk.told("GET", f"/v1/decisions/{quote(decision, safe='')}/replay").body
    answer("replay", told, _lines, as_json=as_json)
    raise typer.Exit(0 if told["same"] else 1)


def _lines(told: Told) -> Iterator[str]:
    then, now = told["outcome"]["recorded"], told["outcome"]["replayed"]
    if told["same"]:
        yield f"the same: {now}"
    elif then != now:
        yield f"differs: {then} when it was decided, {now} now"
    else:
        yield f"differs: {now} then and now, for other reasons"
    for name, pair in told["under"].items():
        yield f"  {name.replace('_', ' ')}: {pair['recorded']} -> {pair['replayed']}"
    yield from (f"  policy {_policy(one)}" for one in told["policies"])
    yield from (f"  {_sign(one)} {_what(one, 'policy')}" for one in told["findings"])
    yield from (f"  {_sign(one)} {_what(one, 'name')}" for one in told["problems"])


def _policy(pair: Told) -> str:
    then, now = pair["recorded"], pair["replayed"]
    states = " -> ".join(
        "not asked" if one is None else f"{one['state']} ({one['enforcement']})" for one in (then, now)
    )
    return f"{(then or now)['policy']}: {states}"


def _sign(pair: Told) -> str:
    return "+" if pair["recorded"] is None else "-" if pair["replayed"] is None else "~"


def _what(pair: Told, named: str) -> str:
    then, now = pair["recorded"], pair["replayed"]
    one = now or then
    became = ""
    if then and now and then.get("disposition") != now.get("disposition"):
        became = f": {then['disposition']} -> {now['disposition']}"
    return f"{one['code']} [{one[named]}] {one['path'] or '/'} {one['msg']}{became}"
