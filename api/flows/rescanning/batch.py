"""How is one batch of a rescan worked off, so that a crash at any moment loses nothing and does nothing twice?"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from api.flows.rescanning import bench as benches
from api.flows.rescanning.bench import RESCANNER, Bench
from api.flows.rescanning.judging import Verdict, judge_each
from catalog.answers import forget
from catalog.changes import last_on
from catalog.neighbours import moved
from catalog.rescans import LEASE, Batch, RescanBook
from catalog.standings import Standings
from catalog.subjects import Subject, listed_versions_on, subjects_on
from engine.errors import GovernanceError
from engine.policy.stale import Basis

if TYPE_CHECKING:
    from api.wiring import House

PAUSE = timedelta(seconds=10)
"""How long a batch that could not be decided rests before somebody tries again."""

log = logging.getLogger("meshgate.rescan")


@dataclass(slots=True)
class Found:
    """What a batch found out: which lines stand as they stood, and which are news."""

    cursor: int
    subjects: Sequence[Subject]
    confirmed: list[str] = field(default_factory=list)
    news: list[Verdict] = field(default_factory=list)


def work_off(house: House, holder: str) -> bool:
    """Work off one batch; False when there is none that this process may take.

    A batch that cannot be decided (the engine is down) or written is let go of and comes back after a pause.
    Raises CatalogUnavailable.
    """
    rules, now = house.rules_now(), house.clock()
    by = benches.by(house, rules)
    with house.database.work(RESCANNER, at=now) as work:
        batch = RescanBook(work).claim(holder, by)
        if batch is None and RescanBook(work).end():
            forget(work)
        work.commit()
    if batch is None:
        return False
    try:
        made = benches.bench(house, rules, now)
        _write(made, batch, _found(made, batch))
    except (GovernanceError, IntegrityError) as reason:
        log.warning("a batch of rescan %s rests for a while: %s", batch.rescan_id, reason)
        with house.database.work(RESCANNER, at=house.clock()) as work:
            RescanBook(work).release(batch, pause=PAUSE)
            work.commit()
    return True


def _found(bench: Bench, batch: Batch) -> Found:
    with bench.house.database.snapshot() as connection:
        cursor = last_on(connection)
        subjects = subjects_on(connection, batch.lines)
        oldest = min((one.known.cursor for one in subjects if one.known is not None), default=cursor)
        restless = moved(connection, oldest) if oldest < cursor else set()
    found, bases = Found(cursor, subjects), _bases(bench.house, subjects)
    held = monotonic()
    for subject, verdict in judge_each(subjects, bench=bench, before=bases, moved=restless):
        if verdict.judged is None:
            found.confirmed.append(subject.identity.id)
        else:
            found.news.append(verdict)
        if monotonic() - held > LEASE.total_seconds() / 3:
            _extend(bench.house, batch)
            held = monotonic()
    found.news.sort(key=lambda one: one.judged.fqn if one.judged else "")  # the feed tells them in one order
    return found


def _bases(house: House, subjects: Sequence[Subject]) -> Mapping[str, Basis]:
    """The bases on which these subjects were decided last, by rescan."""
    named = {one.known.rescan_id for one in subjects if one.known is not None}
    found = {id: house.rescans.find(id) for id in sorted(named)}
    return {id: benches.read(one.basis) for id, one in found.items() if one is not None}


def _extend(house: House, batch: Batch) -> None:
    with house.database.work(RESCANNER, at=house.clock()) as work:
        RescanBook(work).extend(batch)
        work.commit()


def _write(bench: Bench, batch: Batch, found: Found) -> None:
    """One transaction for the whole batch; nothing of it lasts where the batch is not the holder's any more.

    What was decided about a version that does not stand for its line any more is dropped: the line is a neighbour of
    that change, and is decided again for it.
    """
    with bench.house.database.work(RESCANNER, at=bench.house.clock()) as work:
        book, standings = RescanBook(work), Standings(work)
        listed = listed_versions_on(work.connection, batch.lines)
        versions = {one.identity.id: one.version_id for one in found.subjects}
        current = {id for id, version in versions.items() if listed.get(id) == version}
        news = [one for one in found.news if one.judged is not None and one.judged.line_id in current]
        judged = [one.judged for one in news if one.judged is not None]
        changed = sum(one.state is not one.state_before for one in judged)
        confirmed = [id for id in found.confirmed if id in current]
        if not book.finish(batch, confirmed=len(batch.lines) - len(news), decided=len(news), changed=changed):
            return
        bench.answers.write(work)
        standings.confirm(confirmed, rescan=batch.rescan_id, cursor=found.cursor)
        standings.close([id for id in batch.lines if id not in listed])
        for one in news:
            if one.decision is not None:
                work.decisions.add(one.decision, one.entry)
        standings.set(judged, rescan=batch.rescan_id, cursor=found.cursor)
        work.commit()
