"""How does one fixture end: does the policy find in it what is expected, on the road of a submission?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from engine.decide import decide, effective_input
from engine.descriptor import Directory, Submission, ingest
from engine.model import Bundle, Decision, Descriptor, Json, JudgedFinding, PolicyState, Problem, pointer
from engine.policy import governance
from engine.policy.trying.fixtures import Expected, Fixture, Unfit
from engine.policy.trying.results import Kind, Result, Seen, State
from engine.policy.trying.stand import Stand, StandEngine, Trial


def unfit(one: Unfit) -> Result:
    """The result of a fixture that cannot be carried out."""
    first, *others = one.breaches
    told = "; ".join([first.msg, *map(str, others)])
    return Result(Kind.FIXTURE, (one.policy,), str(one), first.file, first.line, State.ERROR, told)


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided about a fixture's descriptor, and what was evaluated for it.

    `reason` says why the policy gave no answer; empty where it gave one.
    """

    decision: Decision
    trial: Trial
    reason: str


def decided(fixture: Fixture, bundle: Bundle, stand: Stand, *, namespace: str | None) -> Decided:
    """The decision: the descriptor is ingested and decided as a submission is, under this one policy as annotated."""
    descriptor = read(fixture.descriptor, namespace)
    engine = StandEngine(stand)
    decision = decide(
        descriptor,
        facts=fixture.facts,
        bundle=_only(bundle, fixture.policy),
        governance=governance.of([fixture.assignment]),
        engine=engine,
    )
    return Decided(decision, engine.trial, _unasked(decision, descriptor, fixture, engine.failure))


def run(fixture: Fixture, bundle: Bundle, stand: Stand, *, namespace: str | None) -> tuple[Result, Trial, Seen | None]:
    """The result, what was evaluated, and which codes were seen to fire."""
    made = decided(fixture, bundle, stand, namespace=namespace)
    if made.reason:
        return _result(fixture, State.ERROR, made.reason, made.trial), made.trial, None
    findings = made.decision.findings
    differences = list(_differences(fixture.expected, findings))
    state = State.FAILED if differences else State.PASSED
    seen = Seen(fixture.policy, frozenset(one.finding.code for one in findings))
    return _result(fixture, state, "; ".join(differences), made.trial), made.trial, seen


def read(descriptor: Path, namespace: str | None) -> Descriptor:
    """The descriptor of a fixture; its folder is what its references may reach."""
    return ingest(Submission(root=descriptor.name, files=Directory(descriptor.parent, kept=True)), namespace=namespace)


def document(fixture: Fixture, bundle: Bundle, *, namespace: str | None) -> dict[str, Json]:
    """Exactly what the policy sees of the fixture. Raises DescriptorUnreadable."""
    only = _only(bundle, fixture.policy)
    held = governance.of([fixture.assignment])
    return effective_input(read(fixture.descriptor, namespace), facts=fixture.facts, bundle=only, governance=held)


def _only(bundle: Bundle, policy: str) -> Bundle:
    return replace(bundle, policies={policy: bundle.policies[policy]})


def _result(fixture: Fixture, state: State, reason: str, trial: Trial) -> Result:
    place = (fixture.file, fixture.line)
    return Result(Kind.FIXTURE, (fixture.policy,), str(fixture), *place, state, reason, trial.printed)


def _unasked(decision: Decision, descriptor: Descriptor, fixture: Fixture, failure: str) -> str:
    """Why the policy gave no answer; empty where it gave one."""
    if decision.effective_input is None:
        return "the descriptor cannot be read: " + "; ".join(map(_problem, descriptor.problems))
    if not decision.policies:
        return f"the policy is not asked at {fixture.facts.event}, so it found nothing because nothing ran"
    run = decision.policies[0]
    if run.state not in (PolicyState.PASS, PolicyState.FAIL):
        return f"the policy was not evaluated: {failure or run.reason}"
    return ""


def _problem(one: Problem) -> str:
    return f"{one.place.file}:{one.place.line}:{one.place.column}: {one.code} {one.msg}"


def _differences(expected: tuple[Expected, ...], findings: tuple[JudgedFinding, ...]) -> Iterator[str]:
    """What is missing, what is too much, and what differs in a finding that both have."""
    left = [(one.finding.code, pointer(one.finding.path), one) for one in findings]
    missing: Counter[str] = Counter()
    for want in sorted(expected, key=lambda one: (one.code, one.path, one.msg, one.disposition)):
        same = [one for one in left if one[:2] == (want.code, want.path)]
        fitting = [one for one in same if not _unlike(want, one[2])]
        if not same:
            missing[f"{want.code} at {want.path or '/'} is expected, but not found"] += 1
            continue
        chosen = (fitting or same)[0]
        left.remove(chosen)
        if not fitting:
            missing[f"{want.code} at {want.path or '/'} {_unlike(want, chosen[2])}"] += 1
    yield from missing.elements()
    for code, path, _ in left:
        yield f"{code} at {path or '/'} is found, but not expected"


def _unlike(want: Expected, found: JudgedFinding) -> str:
    if want.disposition and want.disposition != found.disposition:
        return f"is {found.disposition}, not {want.disposition} as expected"
    if want.msg and want.msg != found.finding.msg:
        return f"says {found.finding.msg!r}, not {want.msg!r} as expected"
    return ""
