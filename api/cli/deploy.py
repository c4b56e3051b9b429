"""meshgate deploy: bring an accepted version to an environment."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli import live, options
from api.cli.following import ended, followed
from api.cli.options import AsJson, Config, DatabaseUrl, DataDir, Governance, OpaUrl, Policies, Server


def deploy(
    product: Annotated[str, typer.Argument(help="Name, fully qualified name or id of a product line.")],
    version: Annotated[str | None, typer.Argument(help="The version; else the highest one that stands.")] = None,
    environment: Annotated[str, typer.Option("--environment", "-e", help="Where to.")] = "dev",
    rollback: Annotated[bool, typer.Option("--rollback", help="Allow a lower version than the live one.")] = False,
    plan: Annotated[bool, typer.Option("--plan", help="Only show what would be done, and whether it may be.")] = False,
    expect: Annotated[
        str | None, typer.Option(metavar="DIGEST", help="Do only what the plan of this digest says.")
    ] = None,
    consent: Annotated[
        bool, typer.Option("--consent", help="Agree to what the plan removes or makes anew, whatever that is.")
    ] = False,
    follow: Annotated[
        bool, typer.Option("--follow", help="Show what happens, live on a terminal; with --json an event a line.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait until it is done, or until people are asked.")
    ] = True,
    idempotency_key: Annotated[str | None, typer.Option(help="Makes a repeated request give the first answer.")] = None,
    as_json: AsJson = False,
    config: Config = None,
    server: Server = None,
    policies: Policies = None,
    governance: Governance = None,
    opa_url: OpaUrl = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Deploy a version that has clearance, and wait for its container; or show the plan of that."""
    from api.cli.planned import shown
    from api.cli.show import line_of
    from api.cli.talk import talking

    settings = options.settings(
        config,
        server=server,
        policies=policies,
        governance=governance,
        opa_url=opa_url,
        data_dir=data_dir,
        database_url=database_url,
    )
    headers = {"idempotency-key": idempotency_key} if idempotency_key else {}
    asked_for = {"environment": environment, "rollback": rollback, "consent": consent}
    asked_for |= {"plan": expect} if expect else {}
    with talking(settings, writes=not plan, deploys=not plan) as talk:
        line = line_of(product, talk)
        wish = {"product": line["fqn"], "version": version or line["version"], **asked_for}
        if plan:
            shown(talk.told("POST", "/v1/plans", json=wish).body, expected=expect, as_json=as_json)
        asked = talk.told("POST", "/v1/deployments", json=wish, headers=headers)
        place = asked.headers["location"]
        if follow:
            raise live.ended(live.follow(place, talk, as_json=as_json))
        found = followed(place, talk, wait=wait)
    ended(found, as_json=as_json)
