"""meshgate waiver request, approve, reject, revoke: how does an exception begin and end?"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import typer

from api.cli.options import AsJson
from api.cli.reaching import CATALOG, RULES, answer, reaching
from api.cli.waiver.listing import lines
from api.settings import Settings

Id = Annotated[str, typer.Argument(help="The waiver's id.", metavar="ID")]
Why = Annotated[str, typer.Option("--reason", help="Why.")]
Key = Annotated[str | None, typer.Option(help="Makes a repeated request give the first answer.")]


@reaching(*RULES)
def request(
    settings: Settings,
    policy: Annotated[str, typer.Option(help="The policy that shall be excused.")],
    product: Annotated[str, typer.Option(help="The product (fully qualified name).")],
    reason: Annotated[str, typer.Option(help="Why the mesh should live with it for a while.")],
    until: Annotated[str, typer.Option(help="The last day, or a moment with offset.")],
    code: Annotated[str | None, typer.Option(help="Only findings with this code.")] = None,
    component: Annotated[str | None, typer.Option(help="Only this port or component (fully qualified name).")] = None,
    within: Annotated[str | None, typer.Option(help="Only below this pointer, list items by name.")] = None,
    ticket: Annotated[str | None, typer.Option(help="Where it is being put right.")] = None,
    begins: Annotated[str | None, typer.Option("--from", help="The first day; else today.")] = None,
    idempotency_key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Ask for a waiver; it excuses nothing before somebody else approves it."""
    narrowed = {"code": code, "component": component, "within": within, "ticket": ticket, "from": begins}
    asked = {key: value for key, value in narrowed.items() if value is not None}
    body = {"policy": policy, "product": product, "reason": reason, "until": until, **asked}
    _post(settings, "/v1/waivers", body, key=idempotency_key, as_json=as_json)


@reaching(*CATALOG)
def approve(
    settings: Settings,
    waiver: Id,
    reason: Why = "",
    as_json: AsJson = False,
) -> None:
    """Approve a waiver that somebody else requested."""
    _post(settings, f"/v1/waivers/{quote(waiver, safe='')}/approve", {"reason": reason}, as_json=as_json)


@reaching(*CATALOG)
def reject(
    settings: Settings,
    waiver: Id,
    reason: Why,
    as_json: AsJson = False,
) -> None:
    """Reject a waiver that was requested."""
    _post(settings, f"/v1/waivers/{quote(waiver, safe='')}/reject", {"reason": reason}, as_json=as_json)


@reaching(*CATALOG)
def revoke(
    settings: Settings,
    waiver: Id,
    reason: Why,
    as_json: AsJson = False,
) -> None:
    """Take back a waiver that was requested or approved; from now on it excuses nothing."""
    _post(settings, f"/v1/waivers/{quote(waiver, safe='')}/revoke", {"reason": reason}, as_json=as_json)


def _post(settings: Settings, path: str, body: dict[str, str], *, as_json: bool, key: str | None = None) -> None:
    from api.cli.talk import talking

    headers = {"idempotency-key": key} if key else {}
    with talking(settings, writes=True) as talk:
        made = talk.told("POST", path, json=body, headers=headers).body
    answer("waiver", made, lines, as_json=as_json)
