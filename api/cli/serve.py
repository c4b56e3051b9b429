"""meshgate serve: run the HTTP service."""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import options
from api.cli.options import Config, DatabaseUrl, DataDir, Governance, Namespace, OpaUrl, Policies
from api.cli.printing import note
from engine.errors import CatalogUnavailable

if TYPE_CHECKING:
    from api.wiring import House


def serve(
    listen: Annotated[str | None, typer.Option(help="HOST:PORT; port 0 takes a free one.")] = None,
    with_worker: Annotated[
        bool, typer.Option("--with-worker", help="Run deployments in this process too (always so on SQLite).")
    ] = False,
    config: Config = None,
    namespace: Namespace = None,
    policies: Policies = None,
    governance: Governance = None,
    opa_url: OpaUrl = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Serve HTTP and GraphQL until SIGTERM or Ctrl-C."""
    from api.http.serve import serve as run
    from api.wiring import House

    settings = options.settings(
        config,
        namespace=namespace,
        policies=policies,
        governance=governance,
        opa_url=opa_url,
        data_dir=data_dir,
        database_url=database_url,
        listen=listen,
    )
    with House(settings) as house:
        if house.tokens is None:
            print(
                "note: no tokens are configured, so this server answers only this machine, as `local`", file=sys.stderr
            )
        run(house, with_worker=with_worker, ready=partial(_ready, house))


def _ready(house: House, address: str) -> None:
    """Tell what was found, now that the catalog can be asked, and then the address that others wait for."""
    with suppress(CatalogUnavailable):
        for told in house.notes():
            note(f"note: {told}")
    print(f"serving {address}", file=sys.stderr, flush=True)
