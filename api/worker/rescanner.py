"""Who decides the catalog again in the background?"""

from __future__ import annotations

import logging
import time
import uuid
from typing import TYPE_CHECKING

from api.flows.rescanning import bench
from api.flows.rescanning.batch import work_off
from api.flows.rescanning.bench import RESCANNER
from api.flows.rescanning.opening import due
from api.flows.self_test import Probation
from api.worker.rounds import SECONDS, Rounds
from catalog.rescans import RescanBook

if TYPE_CHECKING:
    from api.wiring import House

log = logging.getLogger("meshgate.rescan")


class Rescanner(Rounds):
    """Opens rescans that are due and works off their batches.

    `sole` says that this process owns the data: then every claim is one of a dead process, and void at once.
    """

    def __init__(self, house: House, *, sole: bool, seconds: float = SECONDS) -> None:
        super().__init__("rescanner", log, seconds=seconds)
        self._house, self._sole = house, sole
        self._holder = uuid.uuid4().hex
        self._judged_by: tuple[str, str, str, str] | None = None
        self._looked_until = 0
        self._look_at = 0.0

    def prepare(self) -> None:
        """See that the engine judges as it should, which also tells its version; then claims of the dead are void."""
        Probation(self._house).check()
        if self._sole:
            with self._house.database.work(RESCANNER) as work:
                RescanBook(work).release_all()
                work.commit()

    def once(self) -> bool:
        """Open what is due and work off one batch; whether there was one."""
        by = bench.by(self._house, self._house.rules_now())
        new = by != self._judged_by
        looked = new or time.monotonic() >= self._look_at
        if looked:
            self._look(new)
            self._judged_by = by
        worked = work_off(self._house, self._holder)
        if not worked and not looked:
            self._look(rules_are_new=False)
            worked = work_off(self._house, self._holder)
        if not worked:
            self._look_at = 0.0
        return worked

    def _look(self, rules_are_new: bool) -> None:
        """Open what is due; while there are batches, not before each of them."""
        _, self._looked_until = due(self._house, rules_are_new=rules_are_new, looked_until=self._looked_until)
        self._look_at = time.monotonic() + self._seconds
