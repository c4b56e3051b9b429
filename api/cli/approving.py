"""meshgate approve, meshgate reject: what do people say to a deployment that waits for their word?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import paths
from api.cli.following import ended, followed, why
from api.cli.options import AsJson
from api.cli.printing import note, show, show_json
from api.cli.reaching import CATALOG, answer, reaching
from api.settings import Settings

if TYPE_CHECKING:
    from api.cli.talk import Talk

Deployment = Annotated[str, typer.Argument(help="The id of a deployment.")]


@reaching(*CATALOG)
def approve(
    settings: Settings,
    deployment: Deployment,
    plan: Annotated[
        str | None, typer.Option(metavar="DIGEST", help="The plan that is approved; without it, it is only shown.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; the feed of changes keeps it.")] = "",
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait until it is done, or until people are asked again.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Let a deployment that waits for people go on with its plan."""
    from api.cli.talk import talking

    place = paths.deployment(deployment)
    with talking(settings, writes=plan is not None, deploys=plan is not None) as talk:
        if plan is None:
            _look(place, talk, as_json=as_json)
        talk.told("POST", f"{place}/approve", json={"plan": plan, "reason": reason})
        found = followed(place, talk, wait=wait)
    ended(found, as_json=as_json)


@reaching(*CATALOG)
def reject(
    settings: Settings,
    deployment: Deployment,
    reason: Annotated[str, typer.Option(help="Why; it is kept with the deployment.")],
    as_json: AsJson = False,
) -> None:
    """End a deployment that waits for people; its container is as it was before."""
    from api.cli.talk import talking

    with talking(settings, writes=True) as talk:
        found = talk.told("POST", f"{paths.deployment(deployment)}/reject", json={"reason": reason}).body
    answer("deployment", found, why, as_json=as_json)


def _look(place: str, talk: Talk, *, as_json: bool) -> None:
    """Show what would be approved; raises typer.Exit with 2: nothing is decided yet."""
    from api.cli.planned import table

    found: dict[str, Any] = talk.told("GET", place).body
    if as_json:
        show_json("deployment", found)
        raise typer.Exit(2)
    plan = found["plan"] or {"actions": [], "digest": ""}
    lines = [f"{found['state']}: {found['fqn']} {found['version']} in {found['environment']}"]
    lines += [f"  {found['reason']}"] if found["reason"] else []
    actions = [{**one, "component": one["request"]["component"], "data": one["policy"]} for one in plan["actions"]]
    show([*lines, *table(actions)])
    if found["asks"]:
        note(f"Read it, then: meshgate approve {found['id']} --plan {plan['digest']}")
    raise typer.Exit(2)
