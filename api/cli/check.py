"""meshgate check: would these descriptors be accepted?"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import documents, options, outputs
from api.cli.baselines import Baseline, WriteBaseline, settled
from api.cli.formats import rendering
from api.cli.options import Config, Formats, Governance, Namespace, OpaUrl, Policies
from api.cli.printing import note
from engine.model import Event

if TYPE_CHECKING:
    from api.settings import Settings
    from api.wiring import House

Entry = dict[str, Any]
Judge = Callable[[Path], Entry]
MANY = 20
"""From this many documents on a terminal is shown the progress."""


def check(
    paths: Annotated[list[str], typer.Argument(help="Files, folders or globs.", metavar="FILE|DIR|GLOB…")],
    formats: Formats = None,
    event: Annotated[Event, typer.Option(help="Evaluate as if for this event.")] = Event.SUBMIT,
    environment: Annotated[str | None, typer.Option(help="Evaluate for this environment.")] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Documents judged at the same time.")] = 1,
    no_provisional: Annotated[
        bool, typer.Option("--no-provisional", help="Exit with 2 when an acceptance is only provisional.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No notes on standard error.")] = False,
    baseline: Baseline = None,
    write_baseline: WriteBaseline = None,
    config: Config = None,
    namespace: Namespace = None,
    policies: Policies = None,
    governance: Governance = None,
    opa_url: OpaUrl = None,
) -> None:
    """Judge descriptors here, without a server or a database; nothing is stored."""
    from api.wiring import House
    from engine import report
    from engine.report import record

    wanted = outputs.targets(formats or [])
    named = documents.named(paths)
    settings = options.settings(config, namespace=namespace, policies=policies, governance=governance, opa_url=opa_url)
    with House(settings) as house:
        if not quiet:
            _notes(house, named)
        with _judged(named.documents, jobs, house, event, environment) as judged:
            entries = list(_shown(judged, len(named.documents), progress=not quiet))
        judged_by = list(house.bundle.policies.values())
    made = settled(record.report(entries), baseline, write_baseline)
    outputs.write(wanted, rendering(made, policies=judged_by), colour=outputs.colour())
    raise typer.Exit(report.exit_code(made, no_provisional=no_provisional))


def _notes(house: House, named: documents.Named) -> None:
    if not house.settings.policies:
        note("note: judged by the starter policies; set `policies` to use your own")
    if named.left_out:
        files = "1 file" if named.left_out == 1 else f"{named.left_out} files"
        note(f"note: {files} without `dataProductDescriptor` taken for parts of other documents")


@contextmanager
def _judged(
    paths: Sequence[Path], jobs: int, house: House, event: Event, environment: str | None
) -> Iterator[Iterable[Entry]]:
    """The entries in the order of the paths, judged side by side when several jobs are asked for."""
    judge = _judge(house, event, environment)
    if min(jobs, len(paths)) < 2:
        yield map(judge, paths)
        return
    from api.cli.processes import Processes

    with Processes(min(jobs, len(paths)), _judging, house.settings, event, environment) as processes:
        yield processes.judged(paths)


@contextmanager
def _judging(settings: Settings, event: Event, environment: str | None) -> Iterator[Judge]:
    """The judge of another process, which has a house of its own."""
    from api.wiring import House

    with House(settings) as house:
        yield _judge(house, event, environment)


def _judge(house: House, event: Event, environment: str | None) -> Judge:
    """What judges one document; rules that cannot be used end the command before the first."""
    house.engine  # noqa: B018  (its first worker starts up while the rest is imported)
    from api.flows.check import check as flow
    from engine.descriptor import Directory, Submission
    from engine.report import record

    house.bundle, house.governance  # noqa: B018

    def judged(path: Path) -> Entry:
        submission = Submission(root=path.name, files=Directory(path.parent))
        _, decision = flow(submission, house=house, event=event, environment=environment)
        return record.document(decision, file=str(path))

    return judged


def _shown(entries: Iterable[Entry], count: int, *, progress: bool) -> Iterable[Entry]:
    """The entries, with a bar on a terminal while many are judged."""
    if not progress or count < MANY or not sys.stderr.isatty():
        return entries
    from rich.console import Console
    from rich.progress import track

    return track(entries, "judging", total=count, console=Console(stderr=True), transient=True)
