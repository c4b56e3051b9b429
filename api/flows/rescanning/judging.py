"""How does one listed version stand now, and is that news?

What cannot have changed is not asked again. Where only some policies may say otherwise, they alone are asked, with
the stored content at hand; only where they do is the whole decision made, as a submission would be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from api.flows import facts, stored
from api.flows.rescanning.bench import Bench
from catalog.deployable import by_id
from catalog.standings import Judged, State
from catalog.subjects import Subject
from engine.decide import sealed, weighed
from engine.descriptor.content import of_content
from engine.errors import PolicyEngineUnavailable
from engine.model import Decision, Event, Facts, Json, Outcome
from engine.policy.stale import NEIGHBOURS, Basis
from engine.report import record
from engine.report.said import evaluated, said


@dataclass(frozen=True, slots=True)
class Verdict:
    """`judged` is None where the line stands as it stood; `decision` with its entry of the report where it is news."""

    judged: Judged | None = None
    decision: Decision | None = None
    entry: Json = None


@dataclass(frozen=True, slots=True)
class _Before:
    """What was decided last about this very version."""

    state: State
    said: Mapping[str, str]
    decision_id: str
    decided_at: Any


CONFIRMED = Verdict()


def judge(subject: Subject, *, bench: Bench, before: Basis | None, moved: bool) -> Verdict:
    """The verdict on one subject; `before` is the basis of its standing, `moved` says that its neighbours may have.

    Raises PolicyEngineUnavailable: then nothing is known, and the line stands as it stood.
    """
    known = subject.known
    if known is not None and known.version_id == subject.version_id and before is not None and not moved:
        doubtful = bench.doubtful(known.rescan_id, before)
        if doubtful is not None and _said_again(subject, doubtful, bench):
            return CONFIRMED
    return _decided(subject, bench)


def _said_again(subject: Subject, doubtful: frozenset[str], bench: Bench) -> bool:
    """Whether these policies alone say exactly what they said; False also where that takes more than the content."""
    if not doubtful:
        return True
    policies = {id: one for id, one in bench.rules.bundle.policies.items() if id in doubtful}
    if not policies or any(_asks_the_catalog(id, bench) for id in policies):
        return False
    known = Facts(event=Event.RESCAN, now=bench.now, authoritative=True, accepted_at=subject.line_accepted_at)
    bundle = replace(bench.rules.bundle, policies=policies)
    descriptor = of_content(subject.file, subject.effective, subject.identity, subject.digest)
    governance = bench.rules.governance
    made = weighed(descriptor, facts=known, bundle=bundle, governance=governance, engine=bench.brief)
    _refuse_failure(made)
    entry = record.document(made, file=subject.file)
    assert subject.known is not None
    return evaluated(entry) and said(entry) == _only(subject.known.said, doubtful)


def _asks_the_catalog(policy: str, bench: Bench) -> bool:
    needs = bench.rules.bundle.policies[policy].needs
    return bool(needs) or any(bench.readings[policy].reads(path) for path in NEIGHBOURS)


def _decided(subject: Subject, bench: Bench) -> Verdict:
    descriptor = stored.descriptor(by_id(bench.house.database, subject.version_id))
    with bench.house.database.reading() as connection:
        known = facts.known_on(connection, descriptor, event=Event.RESCAN, environment=None, now=bench.now)
    bundle, governance = bench.rules.bundle, bench.rules.governance
    made = weighed(descriptor, facts=known, bundle=bundle, governance=governance, engine=bench.engine)
    _refuse_failure(made)
    told = said(record.document(made, file=subject.file))
    before = _before(subject)
    if before is not None and (before.state, before.said) == (State.of(made.outcome), told):
        if subject.known is not None and subject.known.version_id == subject.version_id:
            return CONFIRMED
        return Verdict(_judged(subject, before.state, before.decision_id, before.decided_at, told))
    decision = sealed(made)
    judged = _judged(subject, State.of(made.outcome), decision.id, decision.moment, told)
    return Verdict(judged, decision, record.document(decision, file=subject.file))


def _before(subject: Subject) -> _Before | None:
    """The last word on this version: a standing, else the decision that accepted it (None where that was erased)."""
    known = subject.known
    if known is not None and known.version_id == subject.version_id:
        return _Before(State(known.state), known.said, known.decision_id, known.decided_at)
    entry = subject.accepting
    if entry is None:
        return None
    state = State.of(Outcome.ACCEPTED)
    return _Before(state, said(entry), subject.accepted_by, subject.decided_at)


def _judged(subject: Subject, state: State, decision_id: str, decided_at: Any, told: Mapping[str, str]) -> Judged:
    """A line that was never decided again stood compliant: it was accepted."""
    one = subject.identity
    before = State.COMPLIANT if subject.known is None else State(subject.known.state)
    return Judged(
        one.id, one.fqn, subject.version_id, one.version, one.domain, state, before, decision_id, decided_at, told
    )


def _only(told: Mapping[str, str], policies: Iterable[str]) -> dict[str, str]:
    return {id: told[id] for id in sorted(policies) if id in told}


def _refuse_failure(made: Decision) -> None:
    if made.engine_failure:
        raise PolicyEngineUnavailable(made.engine_failure)
