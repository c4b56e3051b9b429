"""Who asks saved requirements again in the background, until it is told to stop?"""

from __future__ import annotations

import logging
import threading
import uuid
from typing import TYPE_CHECKING

from api.flows.watching import follow

if TYPE_CHECKING:
    from api.wiring import House

SECONDS = 2.0
"""How long it rests when there is nothing to do."""

log = logging.getLogger("meshgate.requirements")


class Watcher:
    """A thread that asks requirements that are due, beside any number of others.

    `sole` says that this process owns the data: then every claim is one of a dead process, and void at once.
    """

    def __init__(self, house: House, *, sole: bool, seconds: float = SECONDS) -> None:
        self._house, self._sole, self._seconds = house, sole, seconds
        self._holder = uuid.uuid4().hex
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to work, in a thread of its own."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._keep_working, name="meshgate-watcher", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop after the requirement that is being asked."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def once(self) -> bool:
        """Ask one requirement that is due; whether there was one."""
        return follow(self._house, self._holder)

    def _keep_working(self) -> None:
        """Work for ever: one failed round must never end it."""
        ready = False
        while not self._stopping.is_set():
            worked = False
            try:
                if not ready and self._sole:
                    self._house.watches.free_all()
                ready = True
                worked = self.once()
            except Exception:
                log.exception("a round of the watcher failed; the next one follows")
            if not worked and self._stopping.wait(self._seconds):
                return
