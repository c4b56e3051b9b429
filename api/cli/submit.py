"""meshgate submit: let descriptors join the mesh."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import documents, options, outputs
from api.cli.check import rendering
from api.cli.options import Config, DatabaseUrl, DataDir, Governance, Namespace, OpaUrl, Policies, Server

if TYPE_CHECKING:
    from api.cli.talk import Answer, Talk

Entry = dict[str, Any]


def submit(
    paths: Annotated[list[str], typer.Argument(help="Files, folders or globs.", metavar="FILE|DIR|GLOB…")],
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format", "-f", help="text or json, each also as FORMAT=PATH; repeatable.", metavar="FORMAT[=PATH]"
        ),
    ] = None,
    idempotency_key: Annotated[
        str | None, typer.Option(help="Makes a repeated submission of one document give the first answer again.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="One line for each document, and no report.")] = False,
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
    from api.cli.talk import talking
    from engine import report
    from engine.report import record

    wanted = outputs.targets(formats or [])
    named = documents.named(paths)
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
    sending = _Sending(idempotency_key)
    with ExitStack() as open_parts:
        talk = open_parts.enter_context(talking(settings, writes=True))
        for path in named.documents:
            sending.send(path, talk, settings.namespace)
    made = record.report(sending.entries)
    if not quiet:
        outputs.write(wanted, rendering(made), colour=outputs.colour())
    raise typer.Exit(2 if sending.refused_otherwise else report.exit_code(made))


class _Sending:
    """What became of each document: entries of the report, and refusals that are no decision (a conflict, say)."""

    def __init__(self, idempotency_key: str | None) -> None:
        self.entries: list[Entry] = []
        self.refused_otherwise = False
        self._headers = {"idempotency-key": idempotency_key} if idempotency_key else {}

    def send(self, path: Path, talk: Talk, namespace: str | None) -> None:
        from api.cli.talk import multipart
        from engine.descriptor import Directory, Submission, ingest

        reached = ingest(Submission(path.name, Directory(path.parent)), namespace=namespace)
        answer = talk.call("POST", "/v1/descriptors", files=multipart(reached.parts), headers=self._headers)
        self._note(path, answer)
        report = answer.body.get("report") if isinstance(answer.body, dict) else None
        if report is not None:
            self.entries += [_renamed(entry, path) for entry in report["documents"]]

    def _note(self, path: Path, answer: Answer) -> None:
        body = answer.body
        if answer.good:
            product = body["product"]
            print(f"{body['status']}: {path} as {product['fqn']} {product['version']}", file=sys.stderr)
            return
        print(f"{body['code']}: {path}: {body['detail']}", file=sys.stderr)
        self.refused_otherwise |= "report" not in body


def _renamed(entry: Entry, path: Path) -> Entry:
    """The entry with places as the user of this command named them: a server knows only paths in the submission."""
    folder = path.parent
    findings = [{**one, "file": str(folder / one["file"])} for one in entry["decision"]["findings"]]
    problems = [{**one, "file": str(folder / one["file"])} for one in entry["problems"]]
    return {**entry, "file": str(path), "decision": {**entry["decision"], "findings": findings}, "problems": problems}
