"""What does the mesh answer to this descriptor, and why?

The straight road: problems → selection → effective input → engine → judged findings → outcome. Nothing is fetched
here: what a policy needs to know of the catalog comes in with the facts.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace

from engine.descriptor.digest import digest_of
from engine.descriptor.evolution import evolution
from engine.errors import DescriptorUnreadable, PolicyEngineUnavailable
from engine.model import (
    Bundle,
    Decision,
    Descriptor,
    Facts,
    Json,
    Layer,
    Outcome,
    Problem,
    ProblemSeverity,
)
from engine.policy.dates import utc_day
from engine.policy.governance import Governance
from engine.policy.judgement import Court, Reply, judged, runs
from engine.policy.port import PolicyEngine
from engine.policy.selection import Ruling, select, subject
from engine.verdict import Evidence, reached


def decide(
    descriptor: Descriptor, *, facts: Facts, bundle: Bundle, governance: Governance, engine: PolicyEngine
) -> Decision:
    """The decision on one descriptor (DESIGN §4, Decision); never raises for what the engine or a policy did.

    An engine that gave no usable answer makes it undecided, with the reason in `engine_failure` and in every policy.
    """
    return sealed(weighed(descriptor, facts=facts, bundle=bundle, governance=governance, engine=engine))


def sealed(decision: Decision) -> Decision:
    """The decision with the digest of what its policies saw, which costs more than most policies."""
    seen = decision.effective_input
    return decision if seen is None else replace(decision, input_digest=digest_of(seen))


def weighed(
    descriptor: Descriptor, *, facts: Facts, bundle: Bundle, governance: Governance, engine: PolicyEngine
) -> Decision:
    """As `decide`, not sealed yet: for who only compares, and logs what is another than before."""
    if not _readable(descriptor):
        return unread(descriptor, facts)
    problems = (*descriptor.problems, *_evolution_problems(descriptor, facts))
    rulings = _rulings(descriptor, facts, bundle, governance)
    document = _input(descriptor, facts, rulings)
    reply = _asked(engine, bundle, document)
    court = Court(descriptor, facts, document, governance.waivers, _break_the_schema(problems))
    findings, policies = judged(court, rulings, reply), runs(court, rulings, reply)
    missed = any(ruling.missed and ruling.enforcement.rejects for ruling in rulings)
    verdict = reached(Evidence(problems, findings, policies, missed, facts.authoritative, reply.failure))
    return Decision(
        id=uuid.uuid4().hex,
        outcome=verdict.outcome,
        provisional=verdict.provisional,
        event=facts.event,
        environment=facts.environment,
        product=descriptor.identity,
        moment=facts.now,
        now=utc_day(facts.now),
        engine=f"{engine.name} {engine.version}".strip(),
        bundle_revision=bundle.revision,
        assignments_digest=governance.assignments_digest,
        waivers_digest=governance.waivers_digest,
        effective_input=document,
        catalog_revision=facts.catalog_revision,
        policies=policies,
        findings=findings,
        problems=problems,
        engine_failure=reply.failure,
    )


def unread(descriptor: Descriptor, facts: Facts) -> Decision:
    """The decision on what cannot be read: undecided, made under no policies, the same wherever it is asked."""
    return Decision(
        id=uuid.uuid4().hex,
        outcome=Outcome.UNDECIDED,
        provisional=False,
        event=facts.event,
        environment=facts.environment,
        product=descriptor.identity,
        moment=facts.now,
        now=utc_day(facts.now),
        catalog_revision=facts.catalog_revision,
        problems=descriptor.problems,
    )


def effective_input(descriptor: Descriptor, *, facts: Facts, bundle: Bundle, governance: Governance) -> dict[str, Json]:
    """Exactly what the policies see: the effective descriptor plus `_context` (DESIGN §4, Input).

    Raises DescriptorUnreadable where there is no effective descriptor.
    """
    if not _readable(descriptor):
        raise DescriptorUnreadable("; ".join(f"{problem.code} {problem.msg}" for problem in descriptor.problems))
    return _input(descriptor, facts, _rulings(descriptor, facts, bundle, governance))


def _rulings(descriptor: Descriptor, facts: Facts, bundle: Bundle, governance: Governance) -> tuple[Ruling, ...]:
    return select(
        descriptor,
        facts=facts,
        bundle=bundle,
        assignments=governance.assignments,
        suspensions=governance.suspensions,
    )


def _asked(engine: PolicyEngine, bundle: Bundle, document: dict[str, Json]) -> Reply:
    policies = document["_context"]["policies"]
    if not policies:
        return Reply({})
    try:
        answers = engine.evaluate(bundle, policies, document)
    except PolicyEngineUnavailable as reason:
        return Reply({}, reason.detail)
    if set(answers) != set(policies):
        return Reply({}, f"{engine.name} answered for other policies than the {len(policies)} asked")
    return Reply(answers)


def _input(descriptor: Descriptor, facts: Facts, rulings: Sequence[Ruling]) -> dict[str, Json]:
    asked = [ruling for ruling in rulings if not ruling.skipped]
    context = {
        "event": str(facts.event),
        "environment": facts.environment,
        "domain": subject(descriptor, facts).domain or None,
        "policies": [ruling.policy.id for ruling in asked],
        "parameters": {ruling.policy.id: dict(ruling.parameters) for ruling in asked if ruling.parameters},
        "previous": None if facts.previous is None else dict(facts.previous),
        "mesh": None if facts.mesh is None else dict(facts.mesh),
        "now": utc_day(facts.now),
    }
    return {**(descriptor.effective or {}), "_context": context}


def _readable(descriptor: Descriptor) -> bool:
    return descriptor.effective is not None and not any(problem.stops_the_road for problem in descriptor.problems)


def _evolution_problems(descriptor: Descriptor, facts: Facts) -> tuple[Problem, ...]:
    if facts.compared is not None:
        return facts.compared
    return () if facts.previous is None else evolution(facts.previous, descriptor, facts.previous_parts)


def _break_the_schema(problems: Iterable[Problem]) -> bool:
    return any(one.layer is Layer.SCHEMA and one.severity is ProblemSeverity.ERROR for one in problems)
