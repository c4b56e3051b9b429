"""How does a command wait for a deployment, and what does it say of it in the end?"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import typer

from api.cli.printing import note, show, show_json
from engine.provision.states import DeploymentState

if TYPE_CHECKING:
    from api.cli.talk import Talk

Told = dict[str, Any]
PAUSE = 0.1


def ended(found: Told, *, as_json: bool) -> None:
    """Show the deployment; raises typer.Exit: 0 where it succeeded or still runs, 2 where people are asked, else 1."""
    if as_json:
        show_json("deployment", found)
    else:
        show(_lines(found))
    state = DeploymentState(found["state"])
    if asks(found):
        raise typer.Exit(2)
    raise typer.Exit(0 if state.running or state is DeploymentState.SUCCEEDED else 1)


def why(found: Told) -> list[str]:
    """How a deployment stands that somebody stopped, in one line."""
    return [f"{found['state']}: {found['fqn']} {found['version']} in {found['environment']}: {found['reason']}"]


def asks(found: Told) -> bool:
    """Whether the deployment waits for people who have not answered yet; one that was stopped waits for nobody."""
    waits = DeploymentState(found["state"]) is DeploymentState.AWAITING_APPROVAL
    return bool(waits and found["asks"] and not found["approved_by"])


def followed(location: str, talk: Talk, *, wait: bool) -> Told:
    """The deployment as it is, or once it is over; then each change of state, and each wait, is told on the way."""
    state, waits = "", None
    while True:
        found: Told = talk.told("GET", location).body
        if not wait:
            return found
        if found["state"] != state:
            state = found["state"]
            note(f"{found['fqn']} {found['version']} in {found['environment']}: {state}")
        if found["waiting"] and found["waiting"] != waits:
            waits = found["waiting"]
            note(f"  waits for {waits['for']} until {waits['until']}: {waits['reason']}")
        if asks(found) or not DeploymentState(state).running:
            return found
        time.sleep(PAUSE)


def _lines(found: Told) -> list[str]:
    where = f"{found['fqn']} {found['version']} in {found['environment']}"
    lines = [f"{found['state']}: {where}, generation {found['generation']}"]
    if found["reason"]:
        lines.append(f"  {found['reason']}")
    if asks(found):
        lines.append(f"  look at it, and answer: meshgate approve {found['id']}")
    lines += [
        f"  {one['state']:<8} {one['kind']:<16} {one['name']:<20} {_outputs(one)}" for one in found.get("resources", ())
    ]
    return lines


def _outputs(resource: Told) -> str:
    """What the adapter gave back; a place inside one that is shown already says nothing new."""
    told = {name: str(value) for name, value in (resource["outputs"] or {}).items()}
    inside = {name for name, value in told.items() if any(value.startswith(f"{one}/") for one in told.values())}
    return ", ".join(f"{name}={value}" for name, value in told.items() if name not in inside)
