"""How does `check` set aside what an old estate brought along, and write down what that is?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.printing import note
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.report.baseline import Old

PANEL = "Old estates"

Baseline = Annotated[
    Path | None,
    typer.Option("--baseline", help="Set aside what this file lists; everything new counts.", rich_help_panel=PANEL),
]
WriteBaseline = Annotated[
    Path | None,
    typer.Option(
        "--write-baseline",
        help="Write what was found to this file; with --baseline only what of it is left.",
        rich_help_panel=PANEL,
    ),
]


def settled(
    made: dict[str, Any], baseline: Path | None, write: Path | None = None, *, silent: bool = False
) -> dict[str, Any]:
    """The report without what is old, by the given baseline or by the one written now.

    With both, the written one is the given one without what no longer occurs: new findings never get into it. Says on
    standard error what no longer occurs. Raises UsageError for a file that is no baseline.
    """
    if baseline is None and write is None:
        return made
    from engine.report import baseline as rules
    from engine.report.places import relative

    here = str(Path.cwd())
    now = rules.found(made, here)
    if baseline is None:
        old = frozenset(now)
    else:
        known = _read(baseline)
        judged = {relative(document["file"], here) for document in made["documents"]}
        gone = rules.rest(known, now, judged=lambda file: file in judged or not Path(file).exists())
        if not silent:
            _tell(gone, baseline, pruned=write is not None)
        old = known - gone
    if write is not None:
        write.parent.mkdir(parents=True, exist_ok=True)
        write.write_text(json.dumps(rules.written(old), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        note(f"note: {len(old)} old findings and problems written to {write}")
    return rules.applied(made, old, here)


def _read(path: Path) -> frozenset[Old]:
    from engine.report.baseline import BaselineMalformed, read

    try:
        return read(json.loads(path.read_bytes()))
    except FileNotFoundError:
        raise UsageError(f"The baseline {path} does not exist; `--write-baseline {path}` writes one.") from None
    except (BaselineMalformed, ValueError, RecursionError) as reason:
        raise UsageError(f"{path} is no baseline: {reason}.") from None


def _tell(gone: Iterable[Old], baseline: Path, *, pruned: bool) -> None:
    ends = "taken out of the baseline" if pruned else f"still listed in {baseline}; --write-baseline takes it out"
    for one in sorted(gone):
        note(f"note: {one.file}: {one.rule} no longer occurs, {ends}")
