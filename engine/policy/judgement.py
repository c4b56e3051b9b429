"""What do the engine's answers mean for this product: which findings count, and how did each policy end?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.model import (
    Answer,
    Descriptor,
    Disposition,
    Enforcement,
    Facts,
    Finding,
    FindingCode,
    Json,
    JudgedFinding,
    PolicyFailure,
    PolicyRun,
    PolicyState,
    pointer,
)
from engine.policy.components import fingerprint, spot
from engine.policy.selection import Ruling
from engine.policy.waivers import Waiver, resolve

SCHEMA_ERRORS = "document has schema errors"


@dataclass(frozen=True, slots=True)
class Court:
    """What a finding is judged by: the descriptor it is about, the facts, the input it saw, and the waivers."""

    descriptor: Descriptor
    facts: Facts
    document: Mapping[str, Json]
    waivers: Sequence[Waiver]
    #: the descriptor breaks its schema, so a policy that errs on it is skipped, not broken
    schema_errors: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back from the engine: the answers by policy, or why there are none."""

    answers: Mapping[str, Answer] = field(default_factory=dict)
    failure: str = ""


def judged(court: Court, rulings: Iterable[Ruling], reply: Reply) -> tuple[JudgedFinding, ...]:
    """Every finding with its disposition, place and fingerprint, in the order policy, path, code, message."""
    found = [
        _judged(court, ruling, finding)
        for ruling in rulings
        for finding in _findings(reply.answers.get(ruling.policy.id, ()))
    ]
    return tuple(sorted(found, key=_order))


def runs(court: Court, rulings: Iterable[Ruling], reply: Reply) -> tuple[PolicyRun, ...]:
    """How each selected policy ended: pass, fail, error, or skipped with the reason (DESIGN §4, Decision)."""
    return tuple(_run(court, ruling, reply) for ruling in rulings)


def _run(court: Court, ruling: Ruling, reply: Reply) -> PolicyRun:
    state, reason = _state(court, ruling, reply)
    suspended = ruling.suspension.told if ruling.suspension else ""
    reasons = "; ".join(dict.fromkeys(one for one in (suspended, reason) if one))
    return PolicyRun(ruling.policy.id, state, ruling.enforcement, ruling.policy.severity, reasons, bool(suspended))


def _state(court: Court, ruling: Ruling, reply: Reply) -> tuple[PolicyState, str]:
    if ruling.skipped:
        return PolicyState.SKIPPED, ruling.skipped
    if reply.failure:
        return PolicyState.ERROR, reply.failure
    answer = reply.answers[ruling.policy.id]
    if isinstance(answer, PolicyFailure):
        if court.schema_errors:
            return PolicyState.SKIPPED, SCHEMA_ERRORS
        return PolicyState.ERROR, answer.reason
    return (PolicyState.FAIL if answer else PolicyState.PASS), ruling.level.reason


def _findings(answer: Answer) -> tuple[Finding, ...]:
    return () if isinstance(answer, PolicyFailure) else answer


def _judged(court: Court, ruling: Ruling, finding: Finding) -> JudgedFinding:
    where = spot(court.document, finding.path)
    waiver = resolve(
        court.waivers,
        finding,
        where,
        product=court.descriptor.identity,
        level=ruling.level,
        now=court.facts.now,
    )
    return JudgedFinding(
        finding=finding,
        severity=ruling.policy.severity,
        enforcement=ruling.enforcement,
        disposition=_disposition(ruling.enforcement, waiver),
        place=court.descriptor.locate(finding.path),
        fingerprint=fingerprint(finding, where),
        component=where.component,
        remediation=ruling.policy.findings.get(finding.code, FindingCode("")).remediation,
        waiver=waiver.id if waiver else "",
    )


def _disposition(enforcement: Enforcement, waiver: Waiver | None) -> Disposition:
    if waiver is not None:
        return Disposition.WAIVED
    if enforcement.rejects:
        return Disposition.BLOCKING
    return Disposition.ADVISORY if enforcement is Enforcement.ADVISORY else Disposition.SHADOW


def _order(one: JudgedFinding) -> tuple[str, str, str, str]:
    return one.finding.policy, pointer(one.finding.path), one.finding.code, one.finding.msg
