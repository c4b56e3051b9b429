"""meshgate impact: whom would a changed descriptor break?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli import options, printing
from api.cli.options import AsJson, Config, DatabaseUrl, DataDir, Namespace, Server
from engine.errors import DescriptorUnreadable

BROKEN = 1


def impact(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The changed descriptor.")],
    depth: Annotated[int | None, typer.Option(min=1, help="Steps from product to product; else all there are.")] = None,
    fail_on_breaking: Annotated[
        bool, typer.Option("--fail-on-breaking", help="End with exit code 1 where a consumer breaks.")
    ] = False,
    as_json: AsJson = False,
    config: Config = None,
    server: Server = None,
    namespace: Namespace = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Say what a descriptor would change of the product in the catalog, and which consumers that would break.

    Nothing is stored. Consumers come nearest first, with what they read and who answers for them.
    """
    from api.cli.sending import multipart, read_here, sent_name
    from api.cli.talk import talking
    from engine.report import reach

    settings = options.settings(
        config, server=server, namespace=namespace, data_dir=data_dir, database_url=database_url
    )
    reached = read_here(file, namespace=settings.namespace)
    if not reached.parts:
        raise DescriptorUnreadable(f"{file}: {reached.problems[0].code} {reached.problems[0].msg}")
    files = multipart(reached.parts, root=sent_name(file))
    with talking(settings) as talk:
        asked = {"depth": str(depth)} if depth is not None else None
        told = talk.call("POST", "/v1/impacts", files=files, params=asked).or_error().body
    if as_json:
        printing.show_json("downstream", told)
    else:
        printing.show(list(reach.lines(told)))
    found = told["impact"] or {"consumers": []}
    if fail_on_breaking and any(one["breaks"] for one in found["consumers"]):
        raise typer.Exit(BROKEN)
