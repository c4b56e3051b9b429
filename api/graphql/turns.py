"""Whose operation runs now? So many at once, so that slow ones leave threads and connections to everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from starlette.concurrency import run_in_threadpool

from api.http.errors import ServerBusy

T = TypeVar("T")


class Turns:
    """At most `at_once` pieces of work in threads; whoever waits longer than `seconds` for a turn is told so."""

    def __init__(self, at_once: int, seconds: float) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._seconds = seconds

    async def run(self, work: Callable[[], T]) -> T:
        """What the work gives, done in a thread. Raises ServerBusy when no turn came in time."""
        try:
            await asyncio.wait_for(self._free.acquire(), self._seconds)
        except TimeoutError:
            told = f"No thread was free for {self._seconds:g} s."
            raise ServerBusy(told) from None
        try:
            return await run_in_threadpool(work)
        finally:
            self._free.release()
