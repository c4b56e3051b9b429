"""meshgate diff: what changed from one version of a product to another?"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import typer

from api.cli import options, printing
from api.cli.options import AsJson, Config, DatabaseUrl, DataDir, Server


def diff(
    product: Annotated[str, typer.Argument(help="Name, fully qualified name or id of a product line.")],
    before: Annotated[
        str | None, typer.Argument(metavar="[FROM]", help="The older version; else the one below.")
    ] = None,
    now: Annotated[str | None, typer.Argument(metavar="[TO]", help="The newer version; else the one shown.")] = None,
    as_json: AsJson = False,
    config: Config = None,
    server: Server = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Print what changed between two accepted versions of a product, classed as major, minor or patch."""
    from api.cli.show import line_of
    from api.cli.talk import talking
    from engine.report import difference

    settings = options.settings(config, server=server, data_dir=data_dir, database_url=database_url)
    with talking(settings) as talk:
        path = f"/v1/products/{quote(line_of(product, talk)['fqn'], safe='')}/diff"
        asked = {name: value for name, value in (("from", before), ("to", now)) if value is not None}
        told = talk.told("GET", path, params=asked or None).body
    if as_json:
        printing.show_json("difference", told)
    else:
        printing.show(list(difference.lines(told)))
