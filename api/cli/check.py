"""meshgate check: would these descriptors be accepted?"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import digests, documents, fixing, options, outputs
from api.cli.asking import AskServer, CheckCommand, asking
from api.cli.baselines import Baseline, WriteBaseline, settled
from api.cli.changed import ChangedSince, changed
from api.cli.fixing import Diff, Fix
from api.cli.formats import rendering
from api.cli.options import AsOf, Config, Formats, Governance, Namespace, OpaUrl, Policies
from api.cli.previous import Previous, before
from api.cli.printing import note
from api.cli.typed import StdinFilename, asked, submission
from engine.errors import UsageError
from engine.model import Event, Part

if TYPE_CHECKING:
    from api.policy_sources import PolicySources
    from api.settings import Settings
    from api.wiring import House
    from engine.descriptor import Submission

Paths = Annotated[
    list[str] | None, typer.Argument(help="Files, folders or globs.", metavar="FILE|DIR|GLOB…", show_default=False)
]
Entry = dict[str, Any]
Judge = Callable[[Path], Entry]
Read = Callable[[Path], "Submission"]
Circumstances = tuple[Event, str | None, dict[str, Any] | None, tuple[Part, ...], datetime | None, bool]
"""Event, environment, previous version (effective, and its files) and moment to judge for; whether a server judges."""
COMMAND_CLASS = CheckCommand
"""What reads the arguments of `check` (`api.cli.lazily`)."""
MANY = 20
"""From this many documents on a terminal is shown the progress."""


def check(
    paths: Paths = None,
    formats: Formats = None,
    event: Annotated[Event, typer.Option(help="Evaluate as if for this event.")] = Event.SUBMIT,
    environment: Annotated[str | None, typer.Option(help="Evaluate for this environment.")] = None,
    as_of: AsOf = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Documents judged at the same time.")] = 1,
    no_provisional: Annotated[
        bool, typer.Option("--no-provisional", help="Exit with 2 when an acceptance is only provisional.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No notes on standard error.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Also shadow findings, how every policy ended, and the digests.")
    ] = False,
    server: AskServer = None,
    stdin_filename: StdinFilename = None,
    changed_since: ChangedSince = None,
    previous: Previous = None,
    baseline: Baseline = None,
    write_baseline: WriteBaseline = None,
    diff: Diff = False,
    fix: Fix = False,
    config: Config = None,
    namespace: Namespace = None,
    policies: Policies = None,
    governance: Governance = None,
    opa_url: OpaUrl = None,
) -> None:
    """Judge descriptors here, without a server or a database; nothing is stored."""
    from api.flows import moments
    from api.wiring import House
    from engine import report

    named, typed = asked(paths or [], stdin_filename)
    wanted = fixing.targets(formats or [], diff=diff, fix=fix, fixed=bool(write_baseline or typed))
    named = changed(named, changed_since)
    settings = options.settings(
        config,
        server=server or None,
        namespace=namespace,
        policies=policies,
        governance=governance,
        opa_url=opa_url,
    )
    here, moment = server is None, moments.as_of(as_of)
    if not here and (policies or governance or namespace or opa_url or previous):
        raise UsageError(
            "With --server, the server's own policies, governance, namespace and previous version hold; name no others."
        )
    with ExitStack() as held:
        house = held.enter_context(House(settings))
        if not quiet:
            _notes(house, named, here=here)
        circumstances = (event, environment, *before(previous, house), moment, not here)
        read = typed.submission if typed else submission
        judged = partial(_report, held, named.documents, jobs, house, circumstances, read, progress=not quiet)
        made = judged()
        counting = partial(settled, baseline=baseline, silent=True)
        if diff:
            fixing.shown(counting(made), house)
        if fix:
            made = fixing.fixed(made, house, again=judged, counting=counting)
        judged_by = list(house.bundle.policies.values()) if here else []
        if not quiet and (verbose or not here or house.policy_sources.archives):
            digests.told(made)
        made = settled(made, baseline, write_baseline)
        render = rendering(made, policies=judged_by, source=typed.lines if typed else None, verbose=verbose)
        outputs.write(wanted, render, colour=outputs.colour())
        code = report.exit_code(made, no_provisional=no_provisional)
    raise typer.Exit(code)


def _notes(house: House, named: documents.Named, *, here: bool) -> None:
    for told in house.policy_sources.notes if here else ():
        note(f"note: {told}")
    if here and not house.settings.policies:
        note("note: judged by the starter policies; set `policies` to use your own")
    if named.left_out:
        files = "1 file" if named.left_out == 1 else f"{named.left_out} files"
        note(f"note: {files} without `dataProductDescriptor` taken for parts of other documents")


def _report(
    held: ExitStack,
    paths: Sequence[Path],
    jobs: int,
    house: House,
    circumstances: Circumstances,
    read: Read,
    *,
    progress: bool,
) -> dict[str, Any]:
    """The report on all documents, whose entries can be read as long as what is `held` is."""
    from api.cli.spool import Spool
    from engine.report import record

    with _judged(paths, jobs, house, circumstances, read) as judged:
        entries = held.enter_context(closing(Spool(_shown(judged, len(paths), progress=progress))))
    return record.report(entries)


@contextmanager
def _judged(
    paths: Sequence[Path], jobs: int, house: House, circumstances: Circumstances, read: Read
) -> Iterator[Iterable[Entry]]:
    """The entries in the order of the paths, judged side by side when several jobs are asked for."""
    judge = _judge(house, circumstances, read)
    if min(jobs, len(paths)) < 2:
        yield map(judge, paths)
        return
    from api.cli.processes import Processes

    sources = None if circumstances[-1] else house.policy_sources
    with Processes(min(jobs, len(paths)), _judging, house.settings, sources, circumstances) as processes:
        yield processes.judged(paths)


@contextmanager
def _judging(settings: Settings, sources: PolicySources | None, circumstances: Circumstances) -> Iterator[Judge]:
    """The judge of another process, which has a house of its own, with policies from the same sources."""
    from api.wiring import House

    with House(settings, sources=sources) as house:
        yield _judge(house, circumstances, submission)


def _judge(house: House, circumstances: Circumstances, read: Read) -> Judge:
    """What judges one document; rules that cannot be used end the command before the first."""
    event, environment, previous, parts, moment, elsewhere = circumstances
    if elsewhere:
        return asking(house.settings, event, environment, read, as_of=moment)
    house.engine  # noqa: B018  (its first worker starts up while the rest is imported)
    from api.flows.check import check as flow
    from engine.report import record

    house.bundle, house.governance  # noqa: B018

    def judged(path: Path) -> Entry:
        _, decision = flow(
            read(path),
            house=house,
            event=event,
            environment=environment,
            previous=previous,
            previous_parts=parts,
            as_of=moment,
        )
        return record.document(decision, file=str(path))

    return judged


def _shown(entries: Iterable[Entry], count: int, *, progress: bool) -> Iterable[Entry]:
    """The entries, with a bar on a terminal while many are judged."""
    if not progress or count < MANY or not sys.stderr.isatty():
        return entries
    from rich.console import Console
    from rich.progress import track

    return track(entries, "judging", total=count, console=Console(stderr=True), transient=True)
