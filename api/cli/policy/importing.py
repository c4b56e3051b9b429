"""meshgate policy import: take over a policy that was written for an Open Data Mesh platform."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import Config
from api.cli.printing import note, show


def importing(
    file: Annotated[Path, typer.Argument(help="A Rego file, or the platform's JSON form of a policy.", metavar="FILE")],
    id: Annotated[str, typer.Option("--id", help="What the policy is called here, such as mesh.legacy.prefix.")],
    owner: Annotated[str, typer.Option(help="Who answers for the policy.")] = "Federated Governance Team",
    rego_v0: Annotated[bool, typer.Option("--rego-v0", help="The policy is written as before OPA 1.0.")] = False,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="The folder of policies to write to; else that of the governance.")
    ] = None,
    config: Config = None,
) -> None:
    """Write an Open Data Mesh policy as one of this mesh, with annotations; nothing is ever overwritten."""
    from api.cli import options
    from api.cli.starting.files import write
    from api.flows.adoption import adopt
    from api.wiring import House

    settings = options.settings(config)
    folder = folder or (settings.governance or Path()) / "policies"
    with House(settings) as house:
        made = adopt(file.read_bytes(), file=str(file), id=id, owner=owner, v0=rego_v0, house=house)
    target = Path(os.path.relpath(folder / made.path))
    write({target: made.text})
    show([str(target)])
    for told in made.notes:
        note(f"note: {told}")
    if (scope := id.partition(".")[0]) != "mesh":
        note(f"note: it holds in the domain `{scope}` alone; assign it to take it further")
    note(f"note: write its tests beside it, then `meshgate policy lint {os.path.relpath(folder)}`")
