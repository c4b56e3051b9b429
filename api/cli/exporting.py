"""meshgate export catalog|dcat|openlineage|dpds: how does what the catalog holds leave it?"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import options
from api.cli.options import Config, DatabaseUrl, DataDir, Governance, Server

if TYPE_CHECKING:
    from api.settings import Settings
    from api.wiring import House

To = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write it to this file, packed where it is called .gz; else print.")
]
After = Annotated[int, typer.Option(metavar="REVISION", min=0, help="Only what came after this revision.")]
Product = Annotated[str | None, typer.Option(metavar="FQN", help="Only this product (fqn in any dialect, or id).")]


def catalog(
    complete: Annotated[
        bool, typer.Option("--complete", help="Whole, for `meshgate db load`: not masked, which takes an operator.")
    ] = False,
    after: After = 0,
    to: To = None,
    config: Config = None,
    server: Server = None,
    governance: Governance = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Export everything that was recorded, one JSON object in a line; the last line says that it is whole."""
    settings = options.settings(
        config, server=server, governance=governance, data_dir=data_dir, database_url=database_url
    )
    asked = {"after": str(after), "complete": "true" if complete else "false"}

    def here(house: House) -> Iterator[bytes]:
        from api.auth.permissions import LOCAL
        from api.flows.exports import catalog as flow

        return flow.exported(principal=LOCAL, house=house, after=after, complete=complete)

    _written(settings, "catalog", asked, here, to)


def dcat(
    product: Product = None,
    to: To = None,
    config: Config = None,
    server: Server = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Export the catalog, or one product, as DCAT 3 in JSON-LD, for data portals."""
    settings = options.settings(config, server=server, data_dir=data_dir, database_url=database_url)

    def here(house: House) -> Iterator[bytes]:
        import orjson

        from api.auth.permissions import LOCAL
        from api.flows.exports import dcat as flow

        if product is None:
            return flow.document(principal=LOCAL, house=house)
        return iter((orjson.dumps(flow.of_product(product, principal=LOCAL, house=house)),))

    _written(settings, "dcat", {"product": product}, here, to)


def openlineage(
    product: Product = None,
    version: Annotated[str | None, typer.Option(help="Only this version of the product.")] = None,
    after: After = 0,
    to: To = None,
    config: Config = None,
    server: Server = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Export an OpenLineage RunEvent for each accepted version, one in a line, for collectors of lineage."""
    settings = options.settings(config, server=server, data_dir=data_dir, database_url=database_url)

    def here(house: House) -> Iterator[bytes]:
        import orjson

        from api.auth.permissions import LOCAL
        from api.flows.exports import openlineage as flow

        if product is None:
            found = flow.events(principal=LOCAL, house=house, after=after)
        else:
            found = flow.of_product(product, version, principal=LOCAL, house=house)
        return (orjson.dumps(one) + b"\n" for one in found)

    _written(settings, "openlineage", {"product": product, "version": version, "after": str(after)}, here, to)


def dpds(
    product: Annotated[str, typer.Argument(metavar="FQN", help="The product (fqn in any dialect, or id).")],
    version: Annotated[str | None, typer.Option(help="The version; else the current one.")] = None,
    effective: Annotated[
        bool, typer.Option("--effective", help="References resolved, read-only fields filled.")
    ] = False,
    to: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write all files that were submitted into this folder.")
    ] = None,
    config: Config = None,
    server: Server = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Export a descriptor as it was submitted, byte for byte: its root document, or all its files."""
    from api.cli.talk import talking
    from api.flows.exports import archive

    settings = options.settings(config, server=server, data_dir=data_dir, database_url=database_url)
    form = "effective" if effective else "zip" if to is not None else "root"
    asked = {"product": product, "form": form, **({"version": version} if version else {})}
    with talking(settings) as talk:
        content = talk.told("GET", "/v1/exports/dpds", params=asked).content
    if form != "zip" or to is None:
        sys.stdout.buffer.write(content)
        return
    for part in archive.files(content):
        file = to / part.path
        if not file.resolve().is_relative_to(to.resolve()):
            raise typer.BadParameter(f"{part.path} leads out of {to}")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(part.content)


def _written(
    settings: Settings,
    name: str,
    asked: Mapping[str, str | None],
    here: Callable[[House], Iterator[bytes]],
    to: Path | None,
) -> None:
    """Write what the server answers, or this machine's own catalog, piece by piece."""
    from api.cli.pouring import poured
    from api.cli.talk import streamed
    from api.wiring import House

    if settings.server is not None:
        given = {key: value for key, value in asked.items() if value is not None}
        poured(streamed(settings, f"/v1/exports/{name}", given), to)
        return
    with House(settings) as house:
        poured(here(house), to)
