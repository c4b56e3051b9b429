"""meshgate waiver request, approve, reject, revoke: how does an exception begin and end?"""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import typer

from api.cli import options
from api.cli.options import AsJson, Config, DatabaseUrl, DataDir, Governance, Policies, Server
from api.cli.printing import show, show_json
from api.cli.waiver.listing import lines

Id = Annotated[str, typer.Argument(help="The waiver's id.", metavar="ID")]
Why = Annotated[str, typer.Option("--reason", help="Why.")]
Key = Annotated[str | None, typer.Option(help="Makes a repeated request give the first answer.")]


def request(
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
    config: Config = None,
    server: Server = None,
    policies: Policies = None,
    governance: Governance = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Ask for a waiver; it excuses nothing before somebody else approves it."""
    narrowed = {"code": code, "component": component, "within": within, "ticket": ticket, "from": begins}
    asked = {key: value for key, value in narrowed.items() if value is not None}
    settings = options.settings(
        config,
        server=server,
        policies=policies,
        governance=governance,
        data_dir=data_dir,
        database_url=database_url,
    )
    body = {"policy": policy, "product": product, "reason": reason, "until": until, **asked}
    _post(settings, "/v1/waivers", body, key=idempotency_key, as_json=as_json)


def approve(
    waiver: Id,
    reason: Why = "",
    as_json: AsJson = False,
    config: Config = None,
    server: Server = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Approve a waiver that somebody else requested."""
    settings = options.settings(config, server=server, data_dir=data_dir, database_url=database_url)
    _post(settings, f"/v1/waivers/{quote(waiver, safe='')}/approve", {"reason": reason}, as_json=as_json)


def reject(
    waiver: Id,
    reason: Why,
    as_json: AsJson = False,
    config: Config = None,
    server: Server = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Reject a waiver that was requested."""
    settings = options.settings(config, server=server, data_dir=data_dir, database_url=database_url)
    _post(settings, f"/v1/waivers/{quote(waiver, safe='')}/reject", {"reason": reason}, as_json=as_json)


def revoke(
    waiver: Id,
    reason: Why,
    as_json: AsJson = False,
    config: Config = None,
    server: Server = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Take back a waiver that was requested or approved; from now on it excuses nothing."""
    settings = options.settings(config, server=server, data_dir=data_dir, database_url=database_url)
    _post(settings, f"/v1/waivers/{quote(waiver, safe='')}/revoke", {"reason": reason}, as_json=as_json)


def _post(settings: Any, path: str, body: dict[str, str], *, as_json: bool, key: str | None = None) -> None:
    from api.cli.talk import talking

    headers = {"idempotency-key": key} if key else {}
    with talking(settings, writes=True) as talk:
        made = talk.told("POST", path, json=body, headers=headers).body
    if as_json:
        show_json(made)
    else:
        show(lines(made))
