"""What do both doors of `/graphql`, HTTP and WebSocket, have in common? Turns, counters, and one way to an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.auth.permissions import Action, require
from api.graphql.answering import Answer, Answering, Stream, refusal_answer
from api.graphql.context import Context
from api.graphql.documents import Refused
from api.graphql.limits import Limits
from api.graphql.request import Request, request, understood
from api.graphql.turns import Turns
from api.http.metrics import Metrics
from engine.model import Principal

if TYPE_CHECKING:
    from api.wiring import House


class Serving:
    """Answers the requests of one server, in threads, so many at once."""

    def __init__(self, house: House, answering: Answering, limits: Limits, metrics: Metrics) -> None:
        self.limits, self.metrics = limits, metrics
        self._house, self._answering = house, answering
        self._turns = Turns(limits.at_once, limits.seconds)

    async def over_http(self, body: bytes, asking: Principal) -> Answer:
        """The answer to this body. Raises Forbidden, ServerBusy."""
        require(asking, Action.READ)

        def work() -> Answer:
            try:
                asked = request(body)
            except Refused as refusal:
                return refusal_answer(refusal)
            return self._answering.answer(asked, self._context(asking))

        answer = await self._turns.run(work)
        self.metrics.operated("http", answer.code)
        return answer

    async def over_websocket(self, payload: dict[str, Any], asking: Principal) -> Answer | Stream:
        """The answer to this payload, or what gives the events of its subscription. Raises Forbidden, ServerBusy."""
        require(asking, Action.READ)

        def work() -> Answer | Stream:
            try:
                asked: Request = understood(payload)
            except Refused as refusal:
                return refusal_answer(refusal)
            return self._answering.opened(asked, self._context(asking))

        found = await self._turns.run(work)
        self.metrics.operated("websocket", found.code if isinstance(found, Answer) else "")
        return found

    async def events(self, stream: Stream) -> list[Answer]:
        """The next answers of a subscription. Raises what reading the catalog raises, and ServerBusy."""
        return await self._turns.run(stream.next)

    def _context(self, asking: Principal) -> Context:
        return Context(self._house, asking)
