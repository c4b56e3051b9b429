"""How is a saved requirement asked again after what happened in the mesh, so that a crash loses and repeats nothing?

The requirement follows the feed. Asked are the products that changes speak of, those that are new to its search, and
once a day all of them; with `needs: [mesh]` also those whose neighbours moved. Until the one transaction that keeps
what was found, tells it and moves the cursor, nothing has happened; a process that dies before it leaves the work to
the next one.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from api.flows.fitness import MOST, PAGE, judged
from catalog.changes import last_on
from catalog.neighbours import moved
from catalog.requirements import FitStanding
from catalog.shown import Product
from catalog.watches import Findings, Watch, WatchBook, touched
from engine.errors import GovernanceError
from engine.fitness.requirement import Requirement, read
from engine.fitness.verdict import Fitness, Verdict
from engine.policy.dates import utc_day

if TYPE_CHECKING:
    from api.wiring import House

LEASE_SECONDS = 120.0
SECONDS = 60.0
"""The time of one round; who is not asked by then is asked in the next one."""
PAUSE_SECONDS = 30.0
"""How long a requirement rests that could not be asked, or not of all products."""
LATER = "some products could not be asked; they are asked again"

log = logging.getLogger("meshgate.requirements")


def follow(house: House, holder: str, *, seconds: float = SECONDS) -> bool:
    """Ask one requirement that is due; False when there is none that this process may take.

    One that cannot be asked rests for a while, and its owner sees why. Raises CatalogUnavailable.
    """
    now = house.clock()
    watch = house.watches.claim(holder, today=utc_day(now), seconds=LEASE_SECONDS)
    if watch is None:
        return False
    try:
        _Round(house, watch, holder, now).run(time.monotonic() + seconds)
    except (GovernanceError, IntegrityError) as reason:
        log.warning("the requirement %s rests for a while: %s", watch.requirement.id, reason)
        house.watches.release(watch, holder, retry_in=PAUSE_SECONDS, reason=str(reason))
    return True


@dataclass(frozen=True, slots=True)
class _Round:
    """One requirement that is asked by this process at this moment."""

    house: House
    watch: Watch
    holder: str
    now: datetime

    def run(self, until: float) -> None:
        saved = self.watch.requirement
        with self.house.database.reading() as connection:
            cursor = last_on(connection)  # first: what comes while products are read is looked at the next time
        need = read(self.house.fitness.workers, saved.rego, saved.parameters)
        found = self.house.search.page(saved.query, principal=saved.owner, first=MOST)
        products = [hit.product for hit in found.items]
        standings = self.house.requirements.standings(saved.id, principal=saved.owner)
        before = {one.line_id: one for one in standings}
        wanted = self._wanted(need, products, before, cursor)
        asked = list(self._asked(need, wanted, until))
        here = {one.id for one in products}
        decided = [self._standing(one, fitness) for one, fitness in asked if fitness.verdict is not Verdict.UNDECIDED]
        late = any(fitness.passing for _, fitness in asked)
        gone = [one for line, one in before.items() if line not in here]
        self._write(Findings(decided, gone, None if late else cursor, utc_day(self.now)), before)

    def _wanted(
        self, need: Requirement, products: Sequence[Product], before: Mapping[str, FitStanding], cursor: int
    ) -> list[Product]:
        """Those of which something else may hold than what is known."""
        news, lines, today = set[str](), set[str](), utc_day(self.now)
        if not self.watch.is_first:
            with self.house.database.reading() as connection:
                news = touched(connection, self.watch.cursor, cursor)
                lines = moved(connection, self.watch.cursor) if need.needs_mesh else set()

        def stands(one: Product) -> bool:
            known = before.get(one.id)
            same = known is not None and (known.version_id, known.asked_on) == (one.version_id, today)
            return same and one.fqn not in news and one.id not in lines

        return [one for one in products if not stands(one)]

    def _asked(self, need: Requirement, products: Sequence[Product], until: float) -> Iterator[tuple[Product, Fitness]]:
        owner = self.watch.requirement.owner
        for start in range(0, len(products), PAGE):
            page = products[start : start + PAGE]
            found = judged(need, [one.version_id for one in page], principal=owner, house=self.house, until=until)
            self.house.watches.extend(self.watch, self.holder, seconds=LEASE_SECONDS)
            yield from ((one, found[one.version_id]) for one in page)

    def _standing(self, one: Product, fitness: Fitness) -> FitStanding:
        reasons = [asdict(reason) for reason in fitness.reasons]
        told = (str(fitness.verdict), reasons, fitness.count, self.now, utc_day(self.now))
        return FitStanding(one.id, one.version_id, one.fqn, one.version, one.domain, *told)

    def _write(self, found: Findings, before: Mapping[str, FitStanding]) -> None:
        with self.house.database.work(self.watch.requirement.owner, at=self.now) as work:
            book = WatchBook(work, self.watch)
            if not book.holds(self.holder):
                return
            reason = LATER if found.cursor is None else ""
            book.write(found, before, retry_in=PAUSE_SECONDS, reason=reason)
            work.commit()
