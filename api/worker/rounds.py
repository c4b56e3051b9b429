"""How does work go on in the background, one round after the other, until it is told to stop?"""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod

SECONDS = 2.0
"""How long it rests when there is nothing to do."""


class Rounds(ABC):
    """A thread that does rounds of one kind of work, beside any number of others.

    `who` is what it is called, `seconds` how long it rests after a round that found nothing to do, `stopping` what it
    is told to stop by, where others look at that too.
    """

    def __init__(
        self, who: str, log: logging.Logger, *, seconds: float = SECONDS, stopping: threading.Event | None = None
    ) -> None:
        self._who, self._log, self._seconds = who, log, seconds
        self._stopping = stopping or threading.Event()
        self._thread: threading.Thread | None = None

    @abstractmethod
    def once(self) -> bool:
        """Do one round; whether there was something to do."""

    @abstractmethod
    def prepare(self) -> None:
        """Do what comes before the first round; again before the next one where it failed."""

    def start(self) -> None:
        """Begin to work, in a thread of its own."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._keep_working, name=f"meshgate-{self._who}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop after the round that is under way; one that never started may stop too."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _keep_working(self) -> None:
        """Work for ever: one failed round must never end it."""
        ready = False
        while not self._stopping.is_set():
            worked = False
            try:
                if not ready:
                    self.prepare()
                ready = True
                worked = self.once()
            except Exception:
                self._log.exception("a round of the %s failed; the next one follows", self._who)
            if not worked and self._stopping.wait(self._seconds):
                return
