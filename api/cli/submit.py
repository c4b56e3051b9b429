"""meshgate submit: let descriptors join the mesh."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli import documents, options, outputs
from api.cli.formats import rendering
from api.cli.options import Config, DatabaseUrl, DataDir, Formats, Governance, Namespace, OpaUrl, Policies, Server
from engine.errors import UsageError


def submit(
    paths: Annotated[list[str], typer.Argument(help="Files, folders or globs.", metavar="FILE|DIR|GLOB…")],
    formats: Formats = None,
    idempotency_key: Annotated[
        str | None, typer.Option(help="Makes a repeated submission of one document give the first answer again.")
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="One line for each document; no report unless --format asks.")
    ] = False,
    config: Config = None,
    server: Server = None,
    namespace: Namespace = None,
    policies: Policies = None,
    governance: Governance = None,
    opa_url: OpaUrl = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Submit descriptors to the server, or to this machine's own catalog; accepted ones are stored."""
    from api.cli.sending import Sending
    from api.cli.talk import talking
    from engine import report
    from engine.report import record

    wanted = outputs.targets(formats or [])
    named = documents.named(paths)
    if idempotency_key and len(named.documents) != 1:
        raise UsageError("An idempotency key belongs to one document; name exactly one file.")
    settings = options.settings(
        config,
        server=server,
        namespace=namespace,
        policies=policies,
        governance=governance,
        opa_url=opa_url,
        data_dir=data_dir,
        database_url=database_url,
    )
    with talking(settings, writes=True) as talk:
        sending = Sending(talk, namespace=settings.namespace, idempotency_key=idempotency_key, brief=quiet)
        for path in named.documents:
            sending.send(path)
    made = record.report(sending.entries)
    if formats or not quiet:
        outputs.write(wanted, rendering(made), colour=outputs.colour())
    raise typer.Exit(2 if sending.refused_otherwise else report.exit_code(made))
