"""Who decides the catalog again in the background, until it is told to stop?"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from typing import TYPE_CHECKING

from api.flows.rescanning import bench
from api.flows.rescanning.batch import work_off
from api.flows.rescanning.bench import RESCANNER
from api.flows.rescanning.opening import due
from api.flows.self_test import Probation
from catalog.rescans import RescanBook

if TYPE_CHECKING:
    from api.wiring import House

SECONDS = 2.0
"""How long it rests when there is nothing to do."""

log = logging.getLogger("meshgate.rescan")


class Rescanner:
    """A thread that opens rescans that are due and works off their batches, beside any number of others.

    `sole` says that this process owns the data: then every claim is one of a dead process, and void at once.
    """

    def __init__(self, house: House, *, sole: bool, seconds: float = SECONDS) -> None:
        self._house, self._sole, self._seconds = house, sole, seconds
        self._holder = uuid.uuid4().hex
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._judged_by: tuple[str, str, str, str] | None = None
        self._looked_until = 0
        self._look_at = 0.0

    def start(self) -> None:
        """Begin to work, in a thread of its own."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._keep_working, name="meshgate-rescanner", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop after the batch that is being worked on."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

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

    def _keep_working(self) -> None:
        """Work for ever: one failed round must never end it."""
        ready = False
        while not self._stopping.is_set():
            worked = False
            try:
                ready = ready or self._prepared()
                worked = ready and self.once()
            except Exception:
                log.exception("a round of the rescanner failed; the next one follows")
            if not worked and self._stopping.wait(self._seconds):
                return

    def _prepared(self) -> bool:
        """Whether the engine judges as it should, which also tells its version; then claims of the dead are void."""
        Probation(self._house).check()
        if self._sole:
            with self._house.database.work(RESCANNER) as work:
                RescanBook(work).release_all()
                work.commit()
        return True
