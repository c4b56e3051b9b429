"""meshgate containers: what runs where?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import options
from api.cli.options import AsJson, Config, DatabaseUrl, DataDir, Server, ToldAsOf
from api.cli.printing import show, show_json

if TYPE_CHECKING:
    from api.cli.talk import Talk


def containers(
    environment: Annotated[str | None, typer.Option("--environment", "-e", help="Only this environment.")] = None,
    product: Annotated[str | None, typer.Option(help="Only this product line (fully qualified name or id).")] = None,
    status: Annotated[list[str] | None, typer.Option(help="Only those in this status; may be repeated.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Retired containers too.")] = False,
    as_of: ToldAsOf = None,
    as_json: AsJson = False,
    config: Config = None,
    server: Server = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """List containers, what they are made of, and whether they can be used."""
    from api.cli.talk import talking

    settings = options.settings(config, server=server, data_dir=data_dir, database_url=database_url)
    wanted = {"environment": environment, "product": product, "status": status, "as_of": as_of}
    wanted["live"] = None if not everything else "false"
    with talking(settings) as talk:
        found = _all({name: value for name, value in wanted.items() if value}, talk)
    if as_json:
        show_json("containers", {"containers": found})
    else:
        show([line for container in found for line in lines_of(container)] or ["no containers"])


def _all(wanted: dict[str, Any], talk: Talk) -> list[dict[str, Any]]:
    """Every page of them."""
    page = talk.told("GET", "/v1/containers", params=wanted).body
    found: list[dict[str, Any]] = page["containers"]
    while page["next"]:
        page = talk.told("GET", "/v1/containers", params={**wanted, "after": page["next"]}).body
        found += page["containers"]
    return found


def _observed(told: dict[str, Any]) -> list[str]:
    """When it was looked at, and why what drifted is not repaired."""
    lines = [f"         observed {told['at']}, next {told['next']}"] if told.get("at") else []
    return lines + ([f"         not repaired: {told['unrepaired']}"] if told.get("unrepaired") else [])


def lines_of(container: dict[str, Any]) -> list[str]:
    facts = [container["status"], f"generation {container['generation']}"]
    facts += ["usable" if container["usable"] else "not usable", "in sync" if container["in_sync"] else "out of sync"]
    head = f"{container['environment']:<6} {container['fqn']}  {container['version']}  ({', '.join(facts)})"
    reason = [f"         {container['reason']}"] if container["reason"] else []
    reason += _observed(container.get("observed") or {})
    parts = [
        f"         {one['state']:<8} {one['kind']:<16} {one['name']:<20} by {one['adapter']}"
        for one in container["resources"]
    ]
    access = [f"         {_access(one)}" for one in container["access"]]
    return [head, *reason, *parts, *access]


def _access(one: dict[str, Any]) -> str:
    let_in = ", ".join(one["subjects"]) or "nobody"
    why = f" ({one['state']}: {one['reason']})" if one["reason"] else ""
    return f"{one['port']} is read by {let_in}{why}"
