"""meshgate retire: take a container away, or let go of one that nobody can clean up."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.cli import options, paths
from api.cli.following import ended, followed
from api.cli.options import AsJson, Config, DatabaseUrl, DataDir, Server
from api.cli.printing import note
from api.cli.reaching import answer
from engine.errors import UsageError


def retire(
    container: Annotated[str, typer.Argument(help="The id of a container.")],
    delete_data: Annotated[bool, typer.Option("--delete-data", help="Remove its data too; else it stays.")] = False,
    abandon: Annotated[
        str | None,
        typer.Option(metavar="REASON", help="Only let go of a container that nobody can clean up; for operators."),
    ] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until it is gone.")] = True,
    as_json: AsJson = False,
    config: Config = None,
    server: Server = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Remove the resources of a container, the last one made first, and free its slot. Data stays unless told."""
    from api.cli.talk import talking

    if abandon is not None and delete_data:
        raise UsageError("What is abandoned stays where it is: `--abandon` and `--delete-data` exclude one another.")
    settings = options.settings(config, server=server, data_dir=data_dir, database_url=database_url)
    place = paths.container(container)
    with talking(settings, writes=True, deploys=True) as talk:
        if abandon is not None:
            told = talk.told("POST", f"{place}/abandon", json={"reason": abandon}).body
            answer("container", told, _abandoned, as_json=as_json)
            return
        asked = talk.told("DELETE", place, params={"delete_data": str(delete_data).lower()})
        _warn(asked.body["readers"])
        found = followed(asked.headers["location"], talk, wait=wait)
    ended(found, as_json=as_json)


def _abandoned(told: dict[str, Any]) -> list[str]:
    return [f"abandoned: {told['fqn']} in {told['environment']}; what may still be there is listed with it"]


def _warn(readers: dict[str, list[str]]) -> None:
    """Say who read it: for them it is gone."""
    for fqn in readers["consumers"]:
        note(f"{fqn} runs there, and reads it")
    for subject in readers["subjects"]:
        note(f"{subject} was let in to its ports")
