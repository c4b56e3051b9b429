"""How is one operation of a WebSocket answered from its first result to its end?

A subscription holds no thread while nothing happens. What it tells is read page by page, and the next page only when
the client has taken the last one, so nothing piles up here for one that is slow.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from graphql import GraphQLError

from api.graphql.answering import Stream
from api.graphql.errors import Formatted, field_errors
from api.graphql.live import messages
from api.graphql.live.news import Hearing
from api.graphql.serving import Serving
from engine.errors import GovernanceError
from engine.model import Principal

LOOK_ANYWAY_SECONDS = 60.0
"""How long a subscription waits for news before it looks by itself."""

Send = Callable[[str], Awaitable[None]]


class Operation:
    """One operation; `stopped` is set when nobody wants its answer any more: what runs in a thread ends unheard."""

    def __init__(self, id: str, *, serving: Serving, news: Hearing, send: Send) -> None:
        self.id = id
        self.stopped = asyncio.Event()
        self._serving, self._news, self._send = serving, news, send

    async def run(self, payload: dict[str, Any], asking: Principal) -> None:
        """Answer this payload. Raises only what sending raises."""
        try:
            found = await self._serving.over_websocket(payload, asking)
            if isinstance(found, Stream):
                with self._serving.metrics.following.track_inprogress():
                    await self._follow(found)
            elif found.ran:
                await self._tell(messages.answered(self.id, found.content))
            else:
                await self._refuse(orjson.loads(found.content)["errors"])
                return
            await self._tell(messages.completed(self.id))
        except GovernanceError as error:
            await self._refuse(told(error))

    async def _follow(self, stream: Stream) -> None:
        while not (self.stopped.is_set() or stream.source.over):
            looked = stream.source.cursor
            answers = await self._serving.events(stream)
            for answer in answers:
                await self._tell(messages.answered(self.id, answer.content))
            if not (answers or stream.source.over) and stream.source.cursor == looked:
                await self._wait(stream.source.about, looked)

    async def _wait(self, about: str | None, cursor: int) -> None:
        """Return when there are changes, or events of a deployment, after this one, or when nobody wants them."""
        both = [
            asyncio.ensure_future(self._news.of(about, cursor, seconds=LOOK_ANYWAY_SECONDS)),
            asyncio.ensure_future(self.stopped.wait()),
        ]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in both:
                one.cancel()
            await asyncio.gather(*both, return_exceptions=True)

    async def _tell(self, text: str) -> None:
        if not self.stopped.is_set():
            await self._send(text)

    async def _refuse(self, errors: list[Formatted]) -> None:
        await self._tell(messages.refused(self.id, errors))


def told(error: GovernanceError) -> list[Formatted]:
    """An error of ours as the payload of an `error` message."""
    return field_errors([GraphQLError(error.detail, original_error=error)])
