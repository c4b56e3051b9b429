"""meshgate deploy: bring an accepted version to an environment."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli import live, options
from api.cli.following import ended, followed
from api.cli.live import AsForm, Form
from api.cli.options import AsJson, Config, DatabaseUrl, DataDir, Governance, OpaUrl, Policies, Server


def deploy(
    product: Annotated[str, typer.Argument(help="Name, fully qualified name or id of a product line.")],
    version: Annotated[str | None, typer.Argument(help="The version; else the highest one that stands.")] = None,
    environment: Annotated[str, typer.Option("--environment", "-e", help="Where to.")] = "dev",
    rollback: Annotated[bool, typer.Option("--rollback", help="Allow a lower version than the live one.")] = False,
    follow: Annotated[bool, typer.Option("--follow", help="Show what happens, live on a terminal.")] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until it is done.")] = True,
    idempotency_key: Annotated[str | None, typer.Option(help="Makes a repeated request give the first answer.")] = None,
    as_json: AsJson = False,
    form: AsForm = Form.TEXT,
    config: Config = None,
    server: Server = None,
    policies: Policies = None,
    governance: Governance = None,
    opa_url: OpaUrl = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Deploy a version that has clearance, and wait for its container."""
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
    with talking(settings, writes=True, deploys=True) as talk:
        line = line_of(product, talk)
        wish = {"product": line["fqn"], "version": version or line["version"], "environment": environment}
        asked = talk.told("POST", "/v1/deployments", json={**wish, "rollback": rollback}, headers=headers)
        place = asked.headers["location"]
        if follow or form is Form.JSON:
            raise live.ended(live.follow(place, talk, form=Form.JSON if as_json else form))
        found = followed(place, talk, wait=wait)
    ended(found, as_json=as_json)
