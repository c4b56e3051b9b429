"""meshgate access list: who may read which port, and is it in effect?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from api.cli.options import AsJson
from api.cli.printing import last
from api.cli.reaching import CATALOG, Told, answer, reaching
from api.settings import Settings


@reaching(*CATALOG)
def listing(
    settings: Settings,
    product: Annotated[
        str | None, typer.Option(help="Only of this product line (name, fully qualified name or id).")
    ] = None,
    port: Annotated[str | None, typer.Option(help="Only for the output port with this name.")] = None,
    environment: Annotated[str | None, typer.Option("--environment", "-e", help="Only in this environment.")] = None,
    subject: Annotated[str | None, typer.Option(help="Only of this subject (`user:ana`, `product:NAME`).")] = None,
    state: Annotated[
        list[str] | None,
        typer.Option(help="requested, approved, rejected, revoked or expired; may be repeated."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List requests for access, the newest first, with whether what was granted is in effect."""
    from api.cli.access.naming import subject_of
    from api.cli.show import line_of
    from api.cli.talk import talking

    wanted: dict[str, Any] = {"port": port, "environment": environment, "state": state}
    with talking(settings) as talk:
        wanted |= {"product": line_of(product, talk)["fqn"]} if product else {}
        wanted |= {"subject": subject_of(subject, talk)} if subject else {}
        asked = {name: value for name, value in wanted.items() if value}
        page = talk.told("GET", "/v1/access-requests", params=asked).body
        found = page["requests"]
        while page["next"]:
            page = talk.told("GET", "/v1/access-requests", params={**asked, "after": page["next"]}).body
            found += page["requests"]
    answer("access-list", {"requests": found}, _table, as_json=as_json)


def _table(found: Told) -> Iterator[str]:
    for one in found["requests"]:
        yield from lines(one)
    total = len(found["requests"])
    yield f"{total} request{'' if total == 1 else 's'}"


def lines(one: Told) -> Iterator[str]:
    """A request as a person reads it: who, what, where, until when, and whether it is in effect."""
    yield f"{one['id']}  {one['state']}  {one['subject']} until {last(one['ends'])}"
    yield f"  {one['port']} of {one['product']} in {one['environment']}"
    if one["purpose"]:
        yield f"  {one['purpose']}"
    people = [f"requested by {one['requested_by']}"]
    people += [f"approved by {one['approved_by']}"] if one["approved_by"] else []
    people += [f"note: {one['note']}"] if one["note"] else []
    yield f"  {', '.join(people)}"
    if one["effect"] != "none":
        why = f": {one['effect_reason']}" if one["effect_reason"] else ""
        yield f"  {one['effect'].replace('_', ' ')}{why}"
