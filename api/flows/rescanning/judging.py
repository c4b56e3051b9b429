"""How does one listed version stand now, and is that news?

What cannot have changed is not asked again. Where only some policies may say otherwise, they alone are asked, with
the stored content at hand; only where they do is the whole decision made, as a submission would be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from api.flows import facts, stored
from api.flows.rescanning.bench import Bench
from catalog.parts import parts_on
from catalog.standings import Judged, State
from catalog.subjects import Subject
from engine.decide import sealed, weighed_each
from engine.descriptor.content import of_content
from engine.errors import PolicyEngineUnavailable
from engine.model import Decision, Descriptor, Event, Facts, Json, Outcome, Part
from engine.policy.stale import NEIGHBOURS, Basis
from engine.report import record
from engine.report.said import evaluated, said

if TYPE_CHECKING:
    from sqlalchemy import Connection

WHOLE, IN_PART = 25, 50
"""About how many versions the policies are asked at once, all of them and a few: as many are held in memory."""


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


def judge_each(
    subjects: Sequence[Subject], *, bench: Bench, before: Mapping[str, Basis], moved: Set[str]
) -> Iterator[tuple[Subject, Verdict]]:
    """The verdict on each subject, in any order; `before` has the bases of their standings by rescan.

    `moved` names the lines whose neighbours may be others. The engine is asked about all at once, and about whom it
    does not answer then as soon as the next verdict is taken. Raises PolicyEngineUnavailable: then nothing is known
    about the rest, and their lines stand as they stood.
    """
    groups: dict[frozenset[str], list[Subject]] = {}
    undecided: list[Subject] = []
    for subject in subjects:
        doubtful = _doubtful(subject, bench, before, moved)
        (undecided if doubtful is None else groups.setdefault(doubtful, [])).append(subject)
    for doubtful, some in groups.items():
        for subject, same in _said_again(some, doubtful, bench):
            if same:
                yield subject, CONFIRMED
            else:
                undecided.append(subject)
    yield from _decided(undecided, bench)


def _doubtful(subject: Subject, bench: Bench, before: Mapping[str, Basis], moved: Set[str]) -> frozenset[str] | None:
    """The policies that may say otherwise about this subject and can be asked alone; None where all must be."""
    known = subject.known
    if known is None or known.version_id != subject.version_id or subject.identity.id in moved:
        return None
    basis = before.get(known.rescan_id)
    doubtful = None if basis is None else bench.doubtful(known.rescan_id, basis)
    if doubtful is None or any(_asks_the_catalog(id, bench) for id in doubtful):
        return None
    return doubtful


def _said_again(subjects: Sequence[Subject], doubtful: frozenset[str], bench: Bench) -> Iterator[tuple[Subject, bool]]:
    """Whether these policies alone say exactly what they said about each."""
    if not doubtful:
        yield from ((subject, True) for subject in subjects)
        return
    policies = {id: one for id, one in bench.rules.bundle.policies.items() if id in doubtful}
    if not policies:  # what is gone may have said something
        yield from ((subject, False) for subject in subjects)
        return
    bundle, governance = replace(bench.rules.bundle, policies=policies), bench.rules.governance
    for some in _pages(subjects, IN_PART):
        content = [_of_content(subject, bench) for subject in some]
        decisions = weighed_each(content, bundle=bundle, governance=governance, engine=bench.brief)
        for subject, made in zip(some, decisions, strict=True):
            _refuse_failure(made)
            entry = record.document(made, file=subject.file)
            assert subject.known is not None
            yield subject, evaluated(entry) and said(entry) == _only(subject.known.said, doubtful)


def _pages(subjects: Sequence[Subject], size: int) -> Iterator[Sequence[Subject]]:
    return (subjects[start : start + size] for start in range(0, len(subjects), size))


def _of_content(subject: Subject, bench: Bench) -> tuple[Descriptor, Facts]:
    known = Facts(event=Event.RESCAN, now=bench.now, authoritative=True, accepted_at=subject.line_accepted_at)
    return of_content(subject.file, subject.effective, subject.identity, subject.digest), known


def _asks_the_catalog(policy: str, bench: Bench) -> bool:
    known = bench.rules.bundle.policies.get(policy)  # None where it is gone: then nobody asks it
    if known is None:
        return False
    return bool(known.needs) or any(bench.readings[policy].reads(path) for path in NEIGHBOURS)


def _decided(subjects: Sequence[Subject], bench: Bench) -> Iterator[tuple[Subject, Verdict]]:
    """Each decided as a submission would be, on what the catalog holds now."""
    for some in _pages(subjects, WHOLE):
        with bench.house.database.reading() as connection:
            whole = [_whole(*told, connection, bench) for told in _with_parts(some, connection)]
        rules = bench.rules
        made = weighed_each(whole, bundle=rules.bundle, governance=rules.governance, engine=bench.engine)
        for subject, decision in zip(some, made, strict=True):
            _refuse_failure(decision)
            yield subject, _verdict(subject, decision)


def _with_parts(subjects: Sequence[Subject], connection: Connection) -> list[tuple[Subject, tuple[Part, ...]]]:
    parts = parts_on(connection, [subject.version_id for subject in subjects])
    return [(subject, parts[subject.version_id]) for subject in subjects]


def _whole(subject: Subject, parts: tuple[Part, ...], connection: Connection, bench: Bench) -> tuple[Descriptor, Facts]:
    descriptor = stored.of_parts(subject.file, parts, subject.effective, subject.identity, subject.digest)
    known = facts.known_on(connection, descriptor, event=Event.RESCAN, environment=None, now=bench.now)
    return descriptor, known


def _verdict(subject: Subject, made: Decision) -> Verdict:
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
