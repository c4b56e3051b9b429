"""meshgate waiver list: which exceptions are there, and which of them should be looked at?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from api.cli.options import AsJson
from api.cli.printing import last
from api.cli.reaching import RULES, Told, answer, reaching
from api.settings import Settings

SOON = 14
MOST = 1000


@reaching(*RULES)
def listing(
    settings: Settings,
    product: Annotated[str | None, typer.Option(help="Only those of this product (fully qualified name).")] = None,
    policy: Annotated[str | None, typer.Option(help="Only those of this policy.")] = None,
    state: Annotated[
        str | None, typer.Option(help="requested, upcoming, in_force, ended, rejected or revoked.")
    ] = None,
    expiring_within: Annotated[
        int | None, typer.Option(min=0, metavar="DAYS", help="Only those in force that end within so many days.")
    ] = None,
    unused: Annotated[bool, typer.Option("--unused", help="Only those in force that excuse nothing now.")] = False,
    as_json: AsJson = False,
) -> None:
    """List waivers of files and of the catalog, the earliest end first; expiring and unused ones are marked."""
    from api.cli.talk import talking

    wanted = {"product": product, "policy": policy, "state": state, "expiring_within": expiring_within}
    asked = {name: value for name, value in wanted.items() if value is not None}
    asked |= {"unused": "true"} if unused else {}
    with talking(settings) as talk:
        found = talk.told("GET", "/v1/waivers", params={**asked, "limit": MOST}).body
    answer("waiver-list", found, _table, as_json=as_json)


def _table(found: Told) -> Iterator[str]:
    for one in found["waivers"]:
        yield from lines(one)
    total, shown = found["total"], len(found["waivers"])
    many = f"{total} waiver{'' if total == 1 else 's'}"
    yield many if shown == total else f"{many}, the first {shown} shown"


def lines(one: Told) -> Iterator[str]:
    """A waiver as a person reads it: what it is about, how it stands, and what should be looked at."""
    marks = [f"ends within {SOON} days"] if one.get("expiring") else []
    marks += ["unused: it excuses nothing now"] if one.get("unused") else []
    marked = f"  ({'; '.join(marks)})" if marks else ""
    yield f"{one['id']}  {one['state']}  {one['begins'][:10]} to {last(one['ends'])}{marked}"
    what = [one["policy"], one["code"] or "any finding"]
    where = [one["component"] or one["product"], one["within"]]
    yield f"  {' '.join(what)} of {' '.join(part for part in where if part)}"
    ticket = f" [{one['ticket']}]" if one["ticket"] else ""
    yield f"  {one['reason']}{ticket}"
    people = [f"requested by {one['requested_by']}"]
    people += [f"approved by {one['approved_by']}"] if one["approved_by"] else []
    people += [f"in {one['file']}"] if one.get("file") else []
    people += [f"note: {one['note']}"] if one["note"] else []
    yield f"  {', '.join(people)}"
