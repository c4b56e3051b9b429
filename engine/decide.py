"""What does the mesh answer to this descriptor, and why?

The straight road: problems → selection → effective input → engine → judged findings → outcome. Nothing is fetched
here: what a policy needs to know of the catalog comes in with the facts.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from engine.case import Case, prepared
from engine.descriptor.digest import digest_of
from engine.errors import DescriptorUnreadable, PolicyEngineUnavailable
from engine.model import Answer, Bundle, Decision, Descriptor, Facts, Json, Outcome
from engine.policy.dates import utc_day
from engine.policy.governance import Governance
from engine.policy.judgement import Court, Reply, judged, runs
from engine.policy.port import PolicyEngine, Question
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
    case = prepared(descriptor, facts=facts, bundle=bundle, governance=governance)
    if case is None:
        return unread(descriptor, facts)
    return _concluded(case, _asked(engine, bundle, case), bundle, governance, engine)


def weighed_each(
    subjects: Sequence[tuple[Descriptor, Facts]], *, bundle: Bundle, governance: Governance, engine: PolicyEngine
) -> Iterator[Decision]:
    """As `weighed` for each, in their order, with the engine asked about all of them at once.

    About whom it does not answer then, it is asked alone as soon as its decision is taken from the iterator.
    """
    cases = [prepared(one, facts=facts, bundle=bundle, governance=governance) for one, facts in subjects]
    asking = [case for case in cases if case is not None and case.policies]
    told = engine.evaluate_each(bundle, [Question(case.policies, case.document) for case in asking])
    answered = {id(case): answers for case, answers in zip(asking, told, strict=True)}
    for (descriptor, facts), case in zip(subjects, cases, strict=True):
        if case is None:
            yield unread(descriptor, facts)
            continue
        answers = answered.get(id(case))
        reply = _asked(engine, bundle, case) if answers is None else _heard(engine, case, answers)
        yield _concluded(case, reply, bundle, governance, engine)


def _concluded(case: Case, reply: Reply, bundle: Bundle, governance: Governance, engine: PolicyEngine) -> Decision:
    """The decision on a case whose policies have replied."""
    facts, rulings = case.facts, case.rulings
    court = Court(case.descriptor, facts, case.document, governance.waivers, case.breaks_the_schema)
    findings, policies = judged(court, rulings, reply), runs(court, rulings, reply)
    missed = any(ruling.missed and ruling.enforcement.rejects for ruling in rulings)
    verdict = reached(Evidence(case.problems, findings, policies, missed, facts.authoritative, reply.failure))
    return Decision(
        id=uuid.uuid4().hex,
        outcome=verdict.outcome,
        provisional=verdict.provisional,
        event=facts.event,
        environment=facts.environment,
        product=case.descriptor.identity,
        moment=facts.now,
        now=utc_day(facts.now),
        engine=f"{engine.name} {engine.version}".strip(),
        bundle_revision=bundle.revision,
        assignments_digest=governance.assignments_digest,
        waivers_digest=governance.waivers_digest,
        effective_input=case.document,
        catalog_revision=facts.catalog_revision,
        policies=policies,
        findings=findings,
        problems=case.problems,
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
    case = prepared(descriptor, facts=facts, bundle=bundle, governance=governance)
    if case is None:
        raise DescriptorUnreadable("; ".join(f"{problem.code} {problem.msg}" for problem in descriptor.problems))
    return case.document


def _asked(engine: PolicyEngine, bundle: Bundle, case: Case) -> Reply:
    if not case.policies:
        return Reply({})
    try:
        answers = engine.evaluate(bundle, case.policies, case.document)
    except PolicyEngineUnavailable as reason:
        return Reply({}, reason.detail)
    return _heard(engine, case, answers)


def _heard(engine: PolicyEngine, case: Case, answers: Mapping[str, Answer]) -> Reply:
    if set(answers) != set(case.policies):
        return Reply({}, f"{engine.name} answered for other policies than the {len(case.policies)} asked")
    return Reply(answers)
