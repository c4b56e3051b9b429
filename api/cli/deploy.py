"""meshgate deploy: bring an accepted version to an environment."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import options
from api.cli.options import AsJson, Config, DatabaseUrl, DataDir, Governance, OpaUrl, Policies, Server
from api.cli.printing import note, show, show_json
from engine.provision.states import DeploymentState

if TYPE_CHECKING:
    from api.cli.talk import Talk

Told = dict[str, Any]
PAUSE = 0.1


def deploy(
    product: Annotated[str, typer.Argument(help="Name, fully qualified name or id of a product line.")],
    version: Annotated[str | None, typer.Argument(help="The version; else the highest one that stands.")] = None,
    environment: Annotated[str, typer.Option("--environment", "-e", help="Where to.")] = "dev",
    rollback: Annotated[bool, typer.Option("--rollback", help="Allow a lower version than the live one.")] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until it is done.")] = True,
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
        found = _found(asked.headers["location"], talk, wait=wait)
    if as_json:
        show_json(found)
    else:
        show(_lines(found))
    state = DeploymentState(found["state"])
    raise typer.Exit(0 if state.running or state is DeploymentState.SUCCEEDED else 1)


def _found(location: str, talk: Talk, *, wait: bool) -> Told:
    """The deployment as it is, or once it is over; then each change of state is told on the way."""
    state = ""
    while True:
        found: Told = talk.told("GET", location).body
        if not wait:
            return found
        if found["state"] != state:
            state = found["state"]
            note(f"{found['fqn']} {found['version']} in {found['environment']}: {state}")
        if not DeploymentState(state).running:
            return found
        time.sleep(PAUSE)


def _lines(found: Told) -> list[str]:
    where = f"{found['fqn']} {found['version']} in {found['environment']}"
    lines = [f"{found['state']}: {where}, generation {found['generation']}"]
    if found["reason"]:
        lines.append(f"  {found['reason']}")
    lines += [
        f"  {one['state']:<8} {one['kind']:<16} {one['name']:<20} {_outputs(one)}" for one in found.get("resources", ())
    ]
    return lines


def _outputs(resource: Told) -> str:
    """What the adapter gave back; a place inside one that is shown already says nothing new."""
    told = {name: str(value) for name, value in (resource["outputs"] or {}).items()}
    inside = {name for name, value in told.items() if any(value.startswith(f"{one}/") for one in told.values())}
    return ", ".join(f"{name}={value}" for name, value in told.items() if name not in inside)
