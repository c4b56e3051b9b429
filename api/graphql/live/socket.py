"""Which WebSockets does `/graphql` take, and who asks on them?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.websockets import WebSocket

from api.auth.tokens import Tokens
from api.graphql.live.connection import Connection
from api.graphql.live.messages import PROTOCOL
from api.graphql.live.news import Hearing
from api.graphql.serving import Serving
from api.http.errors import ServerBusy
from api.http.problems import problem
from api.http.who import bearer, principal
from engine.errors import GovernanceError
from engine.model import Principal

if TYPE_CHECKING:
    from api.wiring import House


class Sockets:
    """The WebSockets of one server."""

    def __init__(self, house: House, serving: Serving) -> None:
        self._house, self._serving = house, serving
        self._news = Hearing(house)
        self._open = 0

    async def take(self, socket: WebSocket) -> None:
        """Serve one WebSocket until it ends. Another protocol is refused with 4406, others before they are accepted."""
        try:
            self._welcome(socket)
        except GovernanceError as error:
            await socket.send_denial_response(problem(error, instance=socket.url.path))
            return
        if PROTOCOL not in socket.scope["subprotocols"]:
            await socket.accept()
            await socket.close(4406, "Subprotocol not acceptable")
            return
        await socket.accept(PROTOCOL)
        self._open += 1
        try:
            with self._serving.metrics.websockets.track_inprogress():
                await self._connection(socket).run()
        finally:
            self._open -= 1

    def _welcome(self, socket: WebSocket) -> None:
        """Raise HostRefused for the page of another site, ServerBusy when there are too many or the process ends."""
        if self._house.tokens is None:
            principal(socket, None)
        if self._house.ending.is_set() or self._open >= self._serving.limits.connections:
            raise ServerBusy("This server takes no more WebSockets now.")

    def _connection(self, socket: WebSocket) -> Connection:
        tokens = self._house.tokens

        def identify(token: str | None) -> Principal:
            return principal(socket, None) if tokens is None else _holder(socket, token, tokens)

        return Connection(socket, identify, serving=self._serving, news=self._news)


def _holder(socket: WebSocket, token: str | None, tokens: Tokens) -> Principal:
    """Whose token came with `connection_init`, else with the request that opened the WebSocket."""
    found = principal(socket, tokens) if token is None else bearer(token, tokens)
    socket.state.principal = found
    return found
