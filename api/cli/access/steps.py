"""meshgate access request, approve, reject, revoke: how does access to a port begin and end?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from api.cli.access.listing import lines
from api.cli.options import AsJson
from api.cli.reaching import RULES, answer, reaching
from api.settings import Settings

if TYPE_CHECKING:
    from api.cli.talk import Talk

Id = Annotated[str, typer.Argument(help="The request's id.", metavar="ID")]
Why = Annotated[str, typer.Option("--reason", help="Why.")]
Key = Annotated[str | None, typer.Option(help="Makes a repeated request give the first answer.")]


@reaching(*RULES)
def request(
    settings: Settings,
    product: Annotated[str, typer.Argument(help="Name, fully qualified name or id of a product line.")],
    port: Annotated[str, typer.Argument(help="The name of its output port.")],
    environment: Annotated[str, typer.Option("--environment", "-e", help="Where it is to be read.")],
    subject: Annotated[str, typer.Option(help="Who is to read it: `user:ana`, `group:fraud`, `product:NAME`.")],
    purpose: Annotated[str, typer.Option(help="What for.")] = "",
    until: Annotated[
        str, typer.Option(help="The last day, or a moment with offset; else as long as the mesh allows.")
    ] = "",
    idempotency_key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Ask for access to an output port; nobody is let in before the product's domain approves it."""
    from api.cli.access.naming import subject_of
    from api.cli.show import line_of
    from api.cli.talk import talking

    told = {"port": port, "environment": environment, "purpose": purpose, "until": until}
    with talking(settings, writes=True) as talk:
        told |= {"product": line_of(product, talk)["fqn"], "subject": subject_of(subject, talk)}
        made = _posted(talk, "/v1/access-requests", told, key=idempotency_key)
    answer("access", made, lines, as_json=as_json)


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
    from api.cli.talk import talking

    with talking(settings, writes=True) as talk:
        made = _posted(talk, f"/v1/access-requests/{quote(request, safe='')}/{step}", {"reason": reason})
    answer("access", made, lines, as_json=as_json)


def _posted(talk: Talk, path: str, body: dict[str, str], *, key: str | None = None) -> dict[str, Any]:
    headers = {"idempotency-key": key} if key else {}
    return talk.told("POST", path, json=body, headers=headers).body
