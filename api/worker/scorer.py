"""Who keeps trust scores up to date in the background, until it is told to stop?"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from api.flows.scoring import keep_up

if TYPE_CHECKING:
    from api.wiring import House

SECONDS = 2.0
"""How long it rests when nothing is due."""

log = logging.getLogger("meshgate.trust")


class Scorer:
    """A thread that computes the scores that are due, beside any number of others."""

    def __init__(self, house: House, *, seconds: float = SECONDS) -> None:
        self._house, self._seconds = house, seconds
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to work, in a thread of its own."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._keep_working, name="meshgate-scorer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop after what is being computed; one that never started may stop too."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _keep_working(self) -> None:
        """Work for ever: one failed round must never end it."""
        while not self._stopping.is_set():
            worked = False
            try:
                worked = keep_up(self._house)
            except Exception:
                log.exception("a round of the scorer failed; what was due stays due")
            if not worked and self._stopping.wait(self._seconds):
                return
