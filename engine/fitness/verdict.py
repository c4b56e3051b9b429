"""Does a product fit, by what a requirement said of it, and if not, why?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.model import Answer, Finding, FindingCode, Policy, PolicyFailure, pointer

MOST_REASONS = 20
"""Reasons that are kept of one product; their number is always told."""
LONGEST = 1_000
"""Characters that are kept of each text of a reason."""


class Verdict(StrEnum):
    """What a requirement makes of a product, best first."""

    FIT = "fit"
    UNFIT = "unfit"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that a product lacks: `path` is the JSON Pointer to where, in what the requirement saw."""

    code: str
    msg: str
    path: str
    remediation: str = ""


@dataclass(frozen=True, slots=True)
class Fitness:
    """Whether one product fits. `count` is the number of all reasons, of which the first few are kept.

    `told` says why it is undecided; `passing` that asking again later may decide it.
    """

    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    count: int = 0
    told: str = ""
    passing: bool = False

    @property
    def rank(self) -> tuple[int, int]:
        """Fit first, then by fewest reasons, undecided last."""
        return list(Verdict).index(self.verdict), self.count


def reached(answer: Answer, policy: Policy) -> Fitness:
    """What this answer means: a finding is a reason against, and an error is never a yes."""
    if isinstance(answer, PolicyFailure):
        return Fitness(Verdict.UNDECIDED, told=_cut(answer.reason))
    if not answer:
        return Fitness(Verdict.FIT)
    kept = tuple(_reason(one, policy.findings) for one in answer[:MOST_REASONS])
    return Fitness(Verdict.UNFIT, kept, len(answer))


def unanswered(why: str) -> Fitness:
    """Undecided because nobody answered; it may be asked again."""
    return Fitness(Verdict.UNDECIDED, told=_cut(why), passing=True)


def _reason(finding: Finding, codes: Mapping[str, FindingCode]) -> Reason:
    told = codes.get(finding.code, FindingCode("")).remediation
    return Reason(_cut(finding.code), _cut(finding.msg), _cut(pointer(finding.path)), _cut(told))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
