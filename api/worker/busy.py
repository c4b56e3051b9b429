"""Is anything being carried out right now?"""

from __future__ import annotations

import threading


class Busy:
    """Counts the scripts that run: `with busy: …` around each of them."""

    def __init__(self) -> None:
        self._running = 0
        self._changed = threading.Condition()

    def __enter__(self) -> None:
        with self._changed:
            self._running += 1

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._running -= 1
            self._changed.notify_all()

    def wait_until_idle(self, seconds: float) -> bool:
        """Whether nothing runs any more, after waiting for at most so long."""
        with self._changed:
            return self._changed.wait_for(lambda: self._running == 0, timeout=seconds)
