"""meshgate access request, approve, reject, revoke: how does access to a port begin and end?"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import typer

from api.cli.access.listing import lines
from api.cli.options import AsJson
from api.cli.reaching import RULES, answer, reaching
from api.settings import Settings

Id = Annotated[str, typer.Argument(help="The request's id.", metavar="ID")]
Why = Annotated[str, typer.Option("--reason", help="Why.")]
Key = Annotated[str | None, typer.Option(help="Makes a repeated request give the first answer.")]


@reaching(*RULES)
def request(
    settings: Settings,
    product: Annotated[str, typer.Argument(help="The product line (fully qualified name or id).")],
    port: Annotated[str, typer.Argument(help="The name of its output port.")],
    environment: Annotated[str, typer.Option("--environment", "-e", help="Where it is to be read.")],
    subject: Annotated[str, typer.Option(help="Who is to read it: `user:ana`, `group:fraud`, `product:FQN`.")],
    purpose: Annotated[str, typer.Option(help="What for.")] = "",
    until: Annotated[
        str, typer.Option(help="The last day, or a moment with offset; else as long as the mesh allows.")
    ] = "",
    idempotency_key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Ask for access to an output port; nobody is let in before the product's domain approves it."""
    told = {"product": product, "port": port, "environment": environment, "subject": subject}
    body = {**told, "purpose": purpose, "until": until}
    _post(settings, "/v1/access-requests", body, key=idempotency_key, as_json=as_json)


@reaching(*RULES)
def approve(settings: Settings, request: Id, reason: Why = "", as_json: AsJson = False) -> None:
    """Approve a request that somebody else made; a worker then lets the subject in."""
    _step(settings, request, "approve", reason, as_json=as_json)


@reaching(*RULES)
def reject(settings: Settings, request: Id, reason: Why, as_json: AsJson = False) -> None:
    """Reject a request."""
    _step(settings, request, "reject", reason, as_json=as_json)


@reaching(*RULES)
def revoke(settings: Settings, request: Id, reason: Why, as_json: AsJson = False) -> None:
    """Take back a request, or the access that it granted; a worker then shuts the subject out."""
    _step(settings, request, "revoke", reason, as_json=as_json)


def _step(settings: Settings, request: str, step: str, reason: str, *, as_json: bool) -> None:
    _post(settings, f"/v1/access-requests/{quote(request, safe='')}/{step}", {"reason": reason}, as_json=as_json)


def _post(settings: Settings, path: str, body: dict[str, str], *, as_json: bool, key: str | None = None) -> None:
    from api.cli.talk import talking

    headers = {"idempotency-key": key} if key else {}
    with talking(settings, writes=True) as talk:
        made = talk.told("POST", path, json=body, headers=headers).body
    answer("access", made, lines, as_json=as_json)
