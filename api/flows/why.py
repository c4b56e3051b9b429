"""Why does a policy find this in this document: which expression of which rule, with which values?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.flows.check import check
from api.flows.policy_tests import held_workers
from engine.errors import DescriptorUnreadable, UsageError
from engine.model import Decision, Event, JudgedFinding, Problem
from engine.policy.trying.because import Explainer, Why
from engine.policy.trying.probing import Prober
from engine.policy.trying.rulebook import Rulebook
from engine.policy.trying.stand import parse

if TYPE_CHECKING:
    from api.wiring import House
    from engine.descriptor import Submission

SECONDS = 5.0
"""Seconds that one piece of a rule may take to be evaluated."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """A finding with the conditions that made it; `why` is None where they cannot be told."""

    finding: JudgedFinding
    why: Why | None


def why(
    submission: Submission,
    name: str | None,
    *,
    house: House,
    event: Event = Event.SUBMIT,
    environment: str | None = None,
) -> tuple[Decision, list[Reasons]]:
    """The decision on a document, and why each finding of this name was made in it; every finding for no name.

    A finding is named by its code, `policy/code`, its policy or its fingerprint. Raises DescriptorUnreadable,
    UsageError for a name of nothing, and what `check` raises.
    """
    _, decision = check(submission, house=house, event=event, environment=environment)
    if decision.effective_input is None:
        raise DescriptorUnreadable("; ".join(map(_told, decision.problems)))
    wanted = [one for one in decision.findings if name is None or name.casefold() in _names(one)]
    if name is not None and not wanted and not _known(name, house):
        raise UsageError(f"`{name}` is no finding code and no policy here, and no fingerprint in this document.")
    return decision, list(_explained(wanted, decision, house))


def _explained(wanted: list[JudgedFinding], decision: Decision, house: House) -> Iterator[Reasons]:
    if not wanted:
        return
    sources = house.policy_sources.modules().values()
    texts = {str(one.file): one.text for one in sources}
    with held_workers(1) as workers:
        rules = Rulebook(parse(workers, sources))
        for one in wanted:
            explainer = Explainer(Prober(workers, texts, SECONDS), rules)
            yield Reasons(one, explainer.finding(one.finding, decision.effective_input or {}))


def _names(one: JudgedFinding) -> set[str]:
    return {*_called(one.finding.policy, one.finding.code), one.fingerprint.casefold()}


def _known(name: str, house: House) -> bool:
    """Whether a policy or one of its finding codes is called so."""
    codes = ((policy.id, code) for policy in house.bundle.policies.values() for code in (*policy.findings, ""))
    return any(name.casefold() in _called(policy, code) for policy, code in codes)


def _called(policy: str, code: str) -> set[str]:
    """What a finding may be asked for by, but for its fingerprint."""
    return {name.casefold() for name in (code, f"{policy}/{code}", policy, policy.rpartition(".")[2])}


def _told(problem: Problem) -> str:
    return f"{problem.place.file}:{problem.place.line}:{problem.place.column}: {problem.code} {problem.msg}"
