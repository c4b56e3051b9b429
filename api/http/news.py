"""Is there anything newer than what somebody has: a release, a change? Who waits holds no thread; one asks for all."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Event

from starlette.concurrency import run_in_threadpool

from engine.errors import GovernanceError

LONGEST = 300
"""Seconds that a request may wait at most; OPA asks again by itself."""
LOOK_SECONDS = 0.5
"""How often is looked while anybody waits, and so how late somebody may be told."""
_WAIT = re.compile(r"(?:^|[;,\s])wait=(\d{1,9})(?:$|[;,\s])")


def wait_seconds(prefer: str) -> int:
    """How long OPA is ready to wait, as its `Prefer: modes=snapshot,delta;wait=N` says; 0 when it is not."""
    found = _WAIT.search(prefer)
    return min(int(found[1]), LONGEST) if found else 0


class NewsOfEach:
    """News of many things, such as deployments, each looked up only while somebody waits for it."""

    def __init__(self, look: Callable[[str], int | None], *, ending: Event) -> None:
        """`look` tells the number of a thing, in a thread."""
        self._look, self._ending = look, ending
        self._each: dict[str, News] = {}

    async def of(self, thing: str, number: int | None, *, seconds: float) -> None:
        """As `News.of`, for one of the things."""
        news = self._each.setdefault(thing, News(partial(self._look, thing), ending=self._ending))
        try:
            await news.of(number, seconds=seconds)
        finally:
            if not news.waiting:
                self._each.pop(thing, None)


class News:
    """A number that changes with the catalog, looked up for all who wait by one task."""

    def __init__(self, look: Callable[[], int | None], *, ending: Event) -> None:
        """`look` tells the number of now, in a thread; when the process is `ending`, nobody waits any longer."""
        self._number, self._ending = look, ending
        self._waiting: dict[asyncio.Future[None], int | None] = {}
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return len(self._waiting)

    async def of(self, number: int | None, *, seconds: float) -> None:
        """Return when the number is another than this one, the process is about to end, or the time is over."""
        heard: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[heard] = number
        if self._task is None:
            self._task = asyncio.create_task(self._look())
        try:
            await asyncio.wait_for(heard, seconds)
        except TimeoutError:
            return
        finally:
            self._waiting.pop(heard, None)

    async def _look(self) -> None:
        """Look as long as anybody waits. A catalog that cannot be asked is no news; whoever asks next is told of it."""
        try:
            while self._waiting:
                await asyncio.sleep(LOOK_SECONDS)
                ends = self._ending.is_set()
                with suppress(GovernanceError):
                    self._tell(await run_in_threadpool(self._number), everybody=ends)
        finally:
            self._task = None

    def _tell(self, now: int | None, *, everybody: bool) -> None:
        for heard, number in list(self._waiting.items()):
            if (everybody or now != number) and not heard.done():
                heard.set_result(None)
