"""Is this descriptor accepted, rejected or undecided?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.model import (
    Disposition,
    JudgedFinding,
    Outcome,
    PolicyRun,
    PolicyState,
    Problem,
    ProblemSeverity,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome; `provisional` where a question that rejects could not be asked here (DESIGN §4, Decision)."""

    outcome: Outcome
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that an outcome is made of; `missed` are the rejecting policies that could not be asked here."""

    problems: Sequence[Problem]
    findings: Sequence[JudgedFinding]
    runs: Sequence[PolicyRun]
    missed: bool
    authoritative: bool
    engine_failure: str = ""


def reached(evidence: Evidence) -> Verdict:
    """The first rule that holds gives the outcome; only what passed all of them is accepted.

    An open question comes before a blocking finding, as exit code 2 comes before 1: whoever reads `rejected` may
    trust that every rule was heard.
    """
    if evidence.engine_failure:
        return Verdict(Outcome.UNDECIDED)
    if any(problem.severity is ProblemSeverity.ERROR for problem in evidence.problems):
        return Verdict(Outcome.REJECTED)
    if _open_question(evidence) or not _evaluated(evidence.runs):
        return Verdict(Outcome.UNDECIDED)
    if any(finding.disposition is Disposition.BLOCKING for finding in evidence.findings):
        return Verdict(Outcome.REJECTED)
    return Verdict(Outcome.ACCEPTED, provisional=evidence.missed)


def _open_question(evidence: Evidence) -> bool:
    erred = any(run.state is PolicyState.ERROR and run.enforcement.rejects for run in evidence.runs)
    return erred or (evidence.missed and evidence.authoritative)


def _evaluated(runs: Iterable[PolicyRun]) -> bool:
    """Nothing passes because nothing ran."""
    return any(run.state in (PolicyState.PASS, PolicyState.FAIL) for run in runs)
