"""How is it shown why a document has a finding?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.printing import note, show

if TYPE_CHECKING:
    from api.flows.why import Reasons
    from api.settings import Settings
    from engine.model import Decision, Event

UNKNOWN = "why cannot be told: no rule of the policy could be shown to give it (see docs/limits.md)"


def print_reasons(file: Path, name: str | None, settings: Settings, event: Event, environment: str | None) -> None:
    """Print each finding of this name in the file, with the conditions that made it."""
    from api.cli.typed import submission
    from api.flows.why import why
    from api.wiring import House

    with House(settings) as house:
        decision, found = why(submission(file), name, house=house, event=event, environment=environment)
    for line in _unanswered(decision, name):
        note(line)
    show(line for one in found for line in _lines(one, file)) if found else show([_nothing(file, name)])


def _lines(one: Reasons, file: Path) -> Iterator[str]:
    from engine.report.policy_tests import seen_from

    finding, place = one.finding.finding, one.finding.place
    where = f"{file.parent / place.file}:{place.line}:{place.column}"
    yield f"{where}: {finding.code} [{finding.policy}] {finding.msg}"
    if one.why is None:
        yield f"  {UNKNOWN}"
        return
    told = one.why.because or ("the rule holds always",)
    for position, line in enumerate(told):
        yield f"  {'because' if position == 0 else '    and'} {line}"
    yield f"  in {seen_from(str(Path.cwd()), one.why.file)}:{one.why.line}"


def _nothing(file: Path, name: str | None) -> str:
    return f"{file} has no finding {name}." if name else f"{file} has no findings."


def _unanswered(decision: Decision, name: str | None) -> Iterator[str]:
    """The policies that gave no answer: what they would have found is not known."""
    for run in decision.policies:
        if run.state in ("error", "skipped") and (name is None or name.startswith(run.policy)):
            yield f"meshgate: {run.policy} gave no answer ({run.state}): {run.reason}"
