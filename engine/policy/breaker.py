"""Is it worth asking a server again that has failed several times in a row?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from engine.errors import PolicyEngineUnavailable


class CircuitBreaker:
    """Opens after `limit` failures in a row; after `pause` seconds one call may try, and decides anew."""

    def __init__(self, *, limit: int = 5, pause: float = 5.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit, self._pause, self._clock = limit, pause, clock
        self._lock = threading.Lock()
        self._failures = 0
        self._probe_at = 0.0

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Let the block run, or raise PolicyEngineUnavailable at once; a PolicyEngineUnavailable in it is a failure."""
        self._admit()
        try:
            yield
        except PolicyEngineUnavailable:
            with self._lock:
                self._failures += 1
                self._probe_at = self._clock() + self._pause
            raise
        with self._lock:
            self._failures = 0

    def _admit(self) -> None:
        with self._lock:
            if self._failures < self._limit:
                return
            now = self._clock()
            if now < self._probe_at:
                raise PolicyEngineUnavailable(
                    f"not asked: it failed {self._failures} times in a row; one call may try again in "
                    f"{self._probe_at - now:.1f} s"
                )
            self._probe_at = now + self._pause
