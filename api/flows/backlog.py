"""Which work of deployments waits for somebody to do it, how old is it, and is any of it too old?

`unclaimed`: handed over, and no worker took it. `orphaned`: its worker died, and nobody took over. `overdue`: it waited
for something, its time has come, and nobody handed it over. `forgotten`: it runs, and is in nobody's hands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from catalog.database import Database
from catalog.underway import Underway, underway
from engine.errors import DeploymentsStuck
from engine.provision.durable import Backlog, Durable, Worker

KINDS = ("unclaimed", "orphaned", "overdue", "forgotten")


@dataclass(frozen=True, slots=True)
class Work:
    """How many deployments run in each state, and wait for what; the ages in seconds of what waits for somebody."""

    states: Mapping[str, int]
    parked: Mapping[str, int]
    ages: Mapping[str, Sequence[float]]
    carried: int
    workers: Sequence[Worker]

    def oldest(self, kind: str) -> float:
        """Seconds for which the oldest of this kind has been waiting; 0 where there is none."""
        return max(self.ages[kind], default=0.0)


def work(database: Database, durable: Durable, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Work:
    """What is under way now. Raises CatalogUnavailable."""
    before = underway(database)
    backlog = durable.backlog()
    forgotten = _forgotten(before, backlog, lambda: underway(database))
    overdue = [one.due_seconds for one in before if one.due_seconds is not None and one.due_seconds > 0]
    return Work(
        states=Counter(one.state for one in before),
        parked=Counter(one.waits_for for one in before if one.due_seconds is not None),
        ages={
            "unclaimed": backlog.unclaimed,
            "orphaned": backlog.orphaned,
            "overdue": overdue,
            "forgotten": [max(0.0, (now() - one.at).total_seconds()) for one in forgotten],
        },
        carried=backlog.carried,
        workers=backlog.workers,
    )


def refuse_stuck(found: Work, *, seconds: float) -> None:
    """Raises DeploymentsStuck where something has been waiting for somebody for longer than so many seconds."""
    old = {kind: sum(age > seconds for age in found.ages[kind]) for kind in KINDS}
    said = [f"{count} {kind} (oldest {found.oldest(kind):.0f} s)" for kind, count in old.items() if count]
    if said:
        workers = f"{len(found.workers)} workers are alive"
        raise DeploymentsStuck(f"Nobody goes on with deployments: {', '.join(said)}; {workers}.", **old)


def _forgotten(before: Sequence[Underway], backlog: Backlog, again: Callable[[], list[Underway]]) -> list[Underway]:
    """Those whose turn is under way before and after a look at the backlog, which does not know it."""
    suspects = {(one.deployment_id, one.turn) for one in before if one.due_seconds is None} - set(backlog.turns)
    if not suspects:
        return []
    return [one for one in again() if one.due_seconds is None and (one.deployment_id, one.turn) in suspects]
