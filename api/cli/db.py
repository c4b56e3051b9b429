"""meshgate db: is the catalog's database ready for this meshgate, and does it hold what was written?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli import options
from api.cli.options import AsJson, Config, DatabaseUrl, DataDir
from api.cli.printing import note, show, show_json


def upgrade(config: Config = None, data_dir: DataDir = None, database_url: DatabaseUrl = None) -> None:
    """Bring the catalog's database to the schema that this meshgate needs (by itself on SQLite)."""
    from api.wiring import House

    settings = options.settings(config, data_dir=data_dir, database_url=database_url)
    with House(settings) as house, house.owning_the_data():
        house.database.upgrade()
        print(f"{house.database.dialect}: the schema is up to date")


def head(
    sign: Annotated[Path | None, typer.Option(metavar="KEY", help="Sign it with the Ed25519 key in this file.")] = None,
    to: Annotated[Path | None, typer.Option(metavar="FILE", help="Add it to this file; else print it.")] = None,
    config: Config = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """State the head of the catalog: last revision, feed cursor, chain hash and moment. Keep it elsewhere."""
    from api.flows import heads
    from api.wiring import House

    settings = options.settings(config, data_dir=data_dir, database_url=database_url)
    with House(settings) as house:
        line = heads.stated(house, key=sign)
    if to is None:
        show([line])
        return
    heads.appended(line, to)
    note(f"added to {to}")


def verify(
    heads: Annotated[
        Path | None, typer.Option("--head", metavar="FILE", help="Compare with the heads in this file, one in a line.")
    ] = None,
    verify_key: Annotated[
        Path | None, typer.Option(metavar="KEY", help="The public key that every head has to be signed with.")
    ] = None,
    as_json: AsJson = False,
    config: Config = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Compute the hash chain again and name the first bad record; exit 1 when there is one."""
    from api.flows.heads import verified
    from api.wiring import House
    from engine.errors import UsageError

    if verify_key is not None and heads is None:
        raise UsageError("`--verify-key` verifies heads; name their file with `--head`.")
    settings = options.settings(config, data_dir=data_dir, database_url=database_url)
    with House(settings) as house:
        verdict = verified(house, heads=heads, verify_key=verify_key)
    if as_json:
        show_json(
            "verification", {"revision": verdict.revision, "chain_hash": verdict.hash, "faults": list(verdict.faults)}
        )
    else:
        ending = "" if heads else "; a cut tail is only found with `--head`"
        good = f"revision {verdict.revision}, chain hash {verdict.hash}: everything is as it was written{ending}"
        show(verdict.faults or [good])
    raise typer.Exit(0 if verdict.holds else 1)
