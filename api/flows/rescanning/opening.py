"""Is the catalog to be decided again, all of it or some lines, and why?

Three things make it due: other rules (or another engine), another day, and other neighbours. It is looked for by
every process that works on rescans; what is found is opened under the lock of the catalog's head, so that two of them
do not open the same twice.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from api.flows.rescanning import bench
from api.flows.rescanning.bench import RESCANNER
from catalog.changes import last_on
from catalog.neighbours import moved
from catalog.rescans import Order, RescanBook
from catalog.subjects import listed_on
from engine.model import Principal
from engine.policy.dates import utc_day
from engine.policy.rules import Rules

if TYPE_CHECKING:
    from api.wiring import House

ASKED, RULES, DAY, NEIGHBOURS = "asked", "rules", "day", "neighbours"
"""Why a rescan was opened."""


def due(house: House, *, rules_are_new: bool, looked_until: int = 0) -> tuple[str | None, int]:
    """The id of the rescan that was opened, None where none is due; and until which change that holds.

    `rules_are_new` says that this process did not judge by these rules before. Only then are they rescanned where
    others judged by other ones last: else two processes with different policies would take turns for ever.
    """
    rules, now = house.rules_now(), house.clock()
    with house.database.snapshot() as connection:
        cursor = last_on(connection)
    if _reason(house, rules, now, rules_are_new) is None and cursor <= _since(house, looked_until):
        return None, cursor
    with house.database.work(RESCANNER, at=now) as work:
        work.head()
        reason = _reason(house, rules, now, rules_are_new)  # again, since only now nobody else can open one
        opened: str | None
        if reason is not None:
            opened = RescanBook(work).open(_order(house, rules, now, reason))
        else:
            opened = _neighbours(house, RescanBook(work), rules, now, _since(house, looked_until))
        work.commit()
    return opened, cursor


def everything(house: House, principal: Principal) -> str:
    """Open a rescan of everything because somebody asked for it; gives its id."""
    rules, now = house.rules_now(), house.clock()
    with house.database.work(principal, at=now) as work:
        work.head()
        opened = RescanBook(work).open(_order(house, rules, now, ASKED))
        work.commit()
    return opened


def _reason(house: House, rules: Rules, now: datetime, rules_are_new: bool) -> str | None:
    last = house.rescans.last(scope="all")
    if last is None or last.by != bench.by(house, rules):
        return RULES if last is None or rules_are_new else None
    return DAY if last.day < utc_day(now) else None


def _since(house: House, looked_until: int) -> int:
    last = house.rescans.last()
    return max(looked_until, last.cursor if last is not None else 0)


def _neighbours(house: House, book: RescanBook, rules: Rules, now: datetime, since: int) -> str | None:
    """A rescan of the lines whose neighbours changed since that change; by rules that hold for all others too."""
    last = house.rescans.last(scope="all")
    if last is None or last.by != bench.by(house, rules):
        return None
    with house.database.snapshot() as connection:
        affected = moved(connection, since)
    return book.open(_order(house, rules, now, NEIGHBOURS, sorted(affected))) if affected else None


def _order(house: House, rules: Rules, now: datetime, reason: str, lines: list[str] | None = None) -> Order:
    with house.database.snapshot() as connection:
        cursor = last_on(connection)
        listed = listed_on(connection) if lines is None else lines
    return Order(
        scope="all" if lines is None else "neighbours",
        reason=reason,
        by=bench.by(house, rules),
        basis=bench.told(bench.basis_of(house, rules, now)),
        day=utc_day(now),
        lines=listed,
        cursor=cursor,
    )
