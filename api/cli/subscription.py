"""meshgate subscription: who is told of changes, and how does one begin and end to be?"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import typer

from api.cli.options import AsJson
from api.cli.printing import note, show
from api.cli.reaching import CATALOG, Told, answer, reaching
from api.settings import Settings

Id = Annotated[str, typer.Argument(metavar="ID", help="The subscription.")]


@reaching(*CATALOG)
def listing(settings: Settings, as_json: AsJson = False) -> None:
    """List your subscriptions (an operator: all), how far each has been told, and why one is paused."""
    from api.cli.talk import talking

    with talking(settings) as talk:
        found = talk.told("GET", "/v1/subscriptions").body
    answer("subscriptions", found, _listed, as_json=as_json)


@reaching(*CATALOG)
def add(
    settings: Settings,
    url: Annotated[str, typer.Argument(help="Where to send: https, or this machine.")],
    kind: Annotated[list[str] | None, typer.Option(help="Only this kind, such as version.* (repeatable).")] = None,
    domain: Annotated[list[str] | None, typer.Option(help="Only this domain (repeatable).")] = None,
    product: Annotated[
        list[str] | None, typer.Option(help="Only this product or line, by fully qualified name (repeatable).")
    ] = None,
    after: Annotated[int | None, typer.Option(help="Begin after this cursor of the feed; else from now on.")] = None,
    as_json: AsJson = False,
) -> None:
    """Have changes sent to an address, and print the secret that they are signed with: it is told only now."""
    from api.cli.talk import talking

    body = {"url": url, "kinds": kind or [], "domains": domain or [], "products": product or [], "after": after}
    with talking(settings, writes=True) as talk:
        made = talk.told("POST", "/v1/subscriptions", json=body).body
    answer("subscription", made, lambda made: [made["id"], made["secret"]], as_json=as_json)
    note("keep the secret: it is not told again")


@reaching(*CATALOG)
def remove(
    settings: Settings,
    subscription: Id,
) -> None:
    """Send nothing more."""
    from api.cli.talk import talking

    with talking(settings, writes=True) as talk:
        talk.told("DELETE", f"/v1/subscriptions/{quote(subscription, safe='')}")


@reaching(*CATALOG)
def resume(
    settings: Settings,
    subscription: Id,
) -> None:
    """Send again, from the change on at which it was paused."""
    from api.cli.talk import talking

    with talking(settings, writes=True) as talk:
        show(_lines(talk.told("POST", f"/v1/subscriptions/{quote(subscription, safe='')}/resume").body))


def _listed(found: Told) -> list[str]:
    return [line for one in found["subscriptions"] for line in _lines(one)] or ["no subscriptions"]


def _lines(one: Told) -> list[str]:
    wanted = [f"{name} {', '.join(one[name])}" for name in ("kinds", "domains", "products") if one[name]]
    head = f"{one['id']}  {one['state']}, told up to {one['cursor']}, for {one['principal']}"
    lines = [head, f"  {one['url']}", f"  {'; '.join(wanted) or 'everything'}"]
    return [*lines, f"  {one['reason']} ({one['failures']} failures)"] if one["reason"] else lines
