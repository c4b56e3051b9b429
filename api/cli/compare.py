"""meshgate compare: what do two to five products have in common, and where do they differ?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import options
from api.cli.options import AsJson, Config, DatabaseUrl, DataDir, Server
from api.cli.printing import note, show, show_json
from api.cli.show import line_of

if TYPE_CHECKING:
    from api.cli.talk import Talk

WIDEST = 40
"""Characters of one cell; JSON has them all."""
ABSENT = "-"


def compare(
    products: Annotated[
        list[str], typer.Argument(metavar="PRODUCT...", help="Two to five: name, fqn or id, perhaps with @VERSION.")
    ],
    every: Annotated[bool, typer.Option("--all", help="Also rows in which they do not differ.")] = False,
    as_json: AsJson = False,
    config: Config = None,
    server: Server = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Lay products side by side: domain and owner, ports, columns, objectives and policies."""
    from api.cli.talk import talking

    settings = options.settings(config, server=server, data_dir=data_dir, database_url=database_url)
    with talking(settings) as talk:
        meant = [_meant(one, talk) for one in products]
        made = talk.told("POST", "/v1/comparisons", json={"products": meant}).body
    if as_json:
        show_json("comparison", made)
        return
    show(_lines(made, every))
    if made["cut"]:
        note("one of them has more columns than are compared")


def _meant(told: str, talk: Talk) -> str:
    """What is compared is named by fqn; `line_of` finds the one line that a name or an id means."""
    name, at, version = told.rpartition("@") if "@" in told else (told, "", "")
    return told if name.startswith("urn:") else f"{line_of(name, talk)['fqn']}{at}{version}"


def _lines(made: dict[str, Any], every: bool) -> Iterator[str]:
    shown = [row for row in made["rows"] if every or row["differs"]]
    names = [f"{one['fqn'].rpartition(':dataproducts:')[2]}@{one['version']}" for one in made["products"]]
    table = [["", *names], *([f"{row['aspect']} {row['key']}", *map(_cell, row["values"])] for row in shown)]
    widths = [max(len(line[at]) for line in table) for at in range(len(table[0]))]
    for line in table:
        yield "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
    differing = sum(row["differs"] for row in made["rows"])
    yield f"{differing} of {len(made['rows'])} rows differ"


def _cell(value: str | None) -> str:
    if value is None:
        return ABSENT
    flat = " ".join(value.split())
    return flat if len(flat) <= WIDEST else flat[: WIDEST - 1] + "…"
