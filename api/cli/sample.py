"""meshgate sample: what does the data of an output port look like?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import quote

import typer

from api.cli import options
from api.cli.options import AsJson, Config, DatabaseUrl, DataDir, Server
from api.cli.printing import note, show, show_json

WIDEST = 40
"""Characters of one value in the table; JSON has more."""


def sample(
    product: Annotated[str, typer.Argument(metavar="PRODUCT", help="Name, fqn or id of a product line.")],
    port: Annotated[str, typer.Argument(metavar="PORT", help="The name of one of its output ports.")],
    rows: Annotated[int, typer.Option(help="How many rows, 1 to 100.")] = 10,
    columns: Annotated[str | None, typer.Option(help="Only these columns, parted by commas.")] = None,
    environment: Annotated[
        str | None, typer.Option(help="Where; the last environment in which the product runs when left out.")
    ] = None,
    dataset: Annotated[str | None, typer.Option(help="Which table or message of the port; the first one.")] = None,
    purpose: Annotated[str, typer.Option(help="What for; the sampling policy and the auditors see it.")] = "",
    as_json: AsJson = False,
    config: Config = None,
    server: Server = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Show the first rows of an output port, masked as the mesh says. That you saw them is recorded."""
    from api.cli.show import line_of
    from api.cli.talk import talking

    settings = options.settings(config, server=server, data_dir=data_dir, database_url=database_url)
    asked: dict[str, Any] = {"rows": rows, "environment": environment, "dataset": dataset, "purpose": purpose or None}
    told = {name: value for name, value in asked.items() if value is not None}
    if columns is not None:
        told["columns"] = [one.strip() for one in columns.split(",")]
    with talking(settings, writes=True) as talk:
        steps = (quote(one, safe="") for one in (line_of(product, talk)["fqn"], "ports", port, "sample"))
        found = talk.told("GET", "/".join(("/v1/products", *steps)), params=told).body
    if as_json:
        show_json("sample", found)
        return
    show(_table(found))
    for line in _notes(found):
        note(line)


def _table(found: dict[str, Any]) -> Iterator[str]:
    names = [one["name"] for one in found["columns"]]
    lines = [[_cut(name) for name in names], *([_cell(value) for value in row] for row in found["rows"])]
    wide = [max(len(line[at]) for line in lines) for at in range(len(names))]
    for number, line in enumerate(lines):
        yield "  ".join(text.ljust(width) for text, width in zip(line, wide, strict=True))
        if number == 0:
            yield "  ".join("-" * width for width in wide)


def _cell(value: Any) -> str:
    """One value on one line: what would break the table is written as JSON writes it."""
    if value is None:
        return ""
    told = value if isinstance(value, str) else json.dumps(value)
    return _cut(told if told.isprintable() else json.dumps(told, ensure_ascii=False)[1:-1])


def _cut(text: str) -> str:
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def _notes(found: dict[str, Any]) -> Iterator[str]:
    where = f"version {found['version']} in {found['environment']}"
    yield f"{len(found['rows'])} rows of {found['dataset'] or 'the port'}, {where}"
    masked = [f"{one['name']} ({one['shown']})" for one in found["columns"] if one["shown"] != "show"]
    if masked:
        yield f"masked: {', '.join(masked)}"
    if found["hidden"]:
        yield f"not shown: {found['hidden']} further columns"
    if found["missing"]:
        yield f"no such columns to show: {', '.join(found['missing'])}"
    told = found["truncated"]
    if told["rows"]:
        yield "there are more rows" + (", and the answer is full" if told["bytes"] else "")
    if told["cells"]:
        yield f"{told['cells']} values were cut"
