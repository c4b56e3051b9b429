"""How many calls to one adapter go on at the same time?"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = 4
"""Calls to one adapter that one process makes at once while it observes."""
PATIENCE = 1.0
"""Seconds that are waited for a place; then the container is looked at another time."""


class Gates:
    """One gate for each adapter, so that one that hangs keeps nobody from the others."""

    def __init__(self, at_once: int = AT_ONCE, *, patience: float = PATIENCE) -> None:
        self._at_once, self._patience = at_once, patience
        self._gates: dict[str, threading.BoundedSemaphore] = {}
        self._making = threading.Lock()

    @contextmanager
    def through(self, adapter: str) -> Iterator[bool]:
        """Whether there is a place for a call to this adapter, which is kept for as long as the call takes."""
        gate = self._gate(adapter)
        free = gate.acquire(timeout=self._patience)
        try:
            yield free
        finally:
            if free:
                gate.release()

    def _gate(self, adapter: str) -> threading.BoundedSemaphore:
        with self._making:
            return self._gates.setdefault(adapter, threading.BoundedSemaphore(self._at_once))
