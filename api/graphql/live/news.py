"""How does a subscription hear that there is something to read: in the feed, or of one deployment?"""

from __future__ import annotations

from api.http.news import News, NewsOfEach
from api.wiring import House


class Hearing:
    """The news of one server, looked up only while somebody waits."""

    def __init__(self, house: House) -> None:
        self._feed = News(lambda: house.changes.last(), ending=house.ending)
        self._deployments = NewsOfEach(lambda one: house.happenings.last(one), ending=house.ending)

    async def of(self, about: str | None, number: int, *, seconds: float) -> None:
        """Return when the feed (None), or this deployment's stream, is beyond this number, or in so many seconds."""
        if about is None:
            await self._feed.of(number, seconds=seconds)
        else:
            await self._deployments.of(about, number, seconds=seconds)
