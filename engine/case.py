"""What is known of a descriptor that is to be decided before any policy is asked?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.descriptor.evolution import evolution
from engine.model import Bundle, Descriptor, Facts, Json, Layer, Problem, ProblemSeverity
from engine.policy.dates import utc_day
from engine.policy.governance import Governance
from engine.policy.selection import Ruling, select, subject


@dataclass(frozen=True, slots=True)
class Case:
    """A readable descriptor with the facts, its problems, the policies that apply to it, and what these will see."""

    descriptor: Descriptor
    facts: Facts
    problems: tuple[Problem, ...]
    rulings: tuple[Ruling, ...]
    document: dict[str, Json]

    @property
    def policies(self) -> list[str]:
        """The ids of the policies that are to be asked."""
        asked: list[str] = self.document["_context"]["policies"]
        return asked

    @property
    def breaks_the_schema(self) -> bool:
        """Whether a policy that errs on it is excused."""
        return any(one.layer is Layer.SCHEMA and one.severity is ProblemSeverity.ERROR for one in self.problems)


def prepared(descriptor: Descriptor, *, facts: Facts, bundle: Bundle, governance: Governance) -> Case | None:
    """The case of this descriptor; None where it cannot be read, so that there is nothing to show to a policy."""
    if descriptor.effective is None or any(problem.stops_the_road for problem in descriptor.problems):
        return None
    problems = (*descriptor.problems, *_evolution_problems(descriptor, facts))
    rulings = select(
        descriptor,
        facts=facts,
        bundle=bundle,
        assignments=governance.assignments,
        suspensions=governance.suspensions,
    )
    return Case(descriptor, facts, problems, rulings, _input(descriptor, facts, rulings))


def _input(descriptor: Descriptor, facts: Facts, rulings: Sequence[Ruling]) -> dict[str, Json]:
    """Exactly what the policies see: the effective descriptor plus `_context` (DESIGN §4, Input)."""
    asked = [ruling for ruling in rulings if not ruling.skipped]
    context: dict[str, Json] = {
        "event": str(facts.event),
        "environment": facts.environment,
        "domain": subject(descriptor, facts).domain or None,
        "policies": [ruling.policy.id for ruling in asked],
        "parameters": {ruling.policy.id: dict(ruling.parameters) for ruling in asked if ruling.parameters},
        "previous": None if facts.previous is None else dict(facts.previous),
        "mesh": None if facts.mesh is None else dict(facts.mesh),
        "now": utc_day(facts.now),
    }
    if facts.plan is not None:  # so that what a decision saw before there were plans is the same again
        context["plan"] = dict(facts.plan)
    if facts.access is not None:
        context["access"] = dict(facts.access)
    return {**(descriptor.effective or {}), "_context": context}


def _evolution_problems(descriptor: Descriptor, facts: Facts) -> tuple[Problem, ...]:
    if facts.compared is not None:
        return facts.compared
    return () if facts.previous is None else evolution(facts.previous, descriptor, facts.previous_parts)
