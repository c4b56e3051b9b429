"""What happens on one WebSocket from its first message to its last?"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from starlette.types import Message as Event
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from api.graphql.errors import refused, request_errors
from api.graphql.live import messages
from api.graphql.live.messages import Message, Violation
from api.graphql.live.news import Hearing
from api.graphql.live.operation import Operation
from api.graphql.serving import Serving
from engine.errors import Unauthenticated
from engine.model import Principal

log = logging.getLogger(__name__)

#: who asks, by the token that came with `connection_init` (None: none did); Unauthenticated where nobody is meant
Identify = Callable[[str | None], Principal]


class Connection:
    """One accepted WebSocket. Operations run side by side; none is cut off, they end by themselves in their time."""

    def __init__(self, socket: WebSocket, identify: Identify, *, serving: Serving, news: Hearing) -> None:
        self._socket, self._identify, self._serving, self._news = socket, identify, serving, news
        self._asking: Principal | None = None
        self._operations: dict[str, Operation] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._sending = asyncio.Lock()
        self._hearing: asyncio.Future[Event] | None = None
        self._let_go = False

    async def run(self) -> None:
        """Until the client goes, breaks the protocol, or says nothing for too long."""
        try:
            while True:
                await self._heard(await self._message())
        except Violation as violation:
            await self._close(violation)
        except WebSocketDisconnect:
            pass
        finally:
            for one in self._operations.values():
                one.stopped.set()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _message(self) -> Message:
        limits = self._serving.limits
        while True:
            seconds = limits.init_seconds if self._asking is None else limits.idle_seconds
            try:
                text = await self._received(seconds)
            except TimeoutError:
                if self._asking is None:
                    raise Violation(4408, "Connection initialisation timeout") from None
                if not self._tasks:
                    raise Violation(4408, "Nothing was asked for too long") from None
                continue
            if text is not None and len(text) > limits.body:
                raise Violation(1009, "Message too large")
            return messages.understood(text)

    async def _received(self, seconds: float) -> str | None:
        """The next text, None for what is none. Raises TimeoutError, and WebSocketDisconnect when nothing will come."""
        self._hearing = asyncio.ensure_future(self._socket.receive())
        try:
            event = await asyncio.wait_for(self._hearing, seconds)
        except asyncio.CancelledError:
            if self._let_go:
                raise WebSocketDisconnect(1008) from None
            raise
        if event["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(event.get("code", 1005))
        text = event.get("text")
        return text if isinstance(text, str) else None

    async def _heard(self, message: Message) -> None:
        if message.type == "connection_init":
            await self._initialise(message)
        elif message.type == "ping":
            await self._send(messages.pong())
        elif message.type == "subscribe":
            await self._subscribe(message)
        elif message.type == "complete" and message.id in self._operations:
            self._operations.pop(message.id).stopped.set()

    async def _initialise(self, message: Message) -> None:
        if self._asking is not None:
            raise Violation(4429, "Too many initialisation requests")
        try:
            self._asking = self._identify(_token(message))
        except Unauthenticated:
            raise Violation(4403, "Forbidden") from None
        await self._send(messages.acknowledged())

    async def _subscribe(self, message: Message) -> None:
        if self._asking is None:
            raise Violation(4401, "Unauthorized")
        if message.id in self._operations:
            raise Violation(4409, f"Subscriber for {message.id} already exists"[:120])
        most = self._serving.limits.operations
        if len(self._tasks) >= most:
            told = f"This WebSocket has {most} operations already; complete some, or open another."
            errors = request_errors([refused("too-many-operations", told, limit=most)], "")
            await self._send(messages.refused(message.id, errors))
            return
        operation = Operation(message.id, serving=self._serving, news=self._news, send=self._send)
        self._operations[message.id] = operation
        task = asyncio.create_task(self._carried_out(operation, message, self._asking))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carried_out(self, operation: Operation, message: Message, asking: Principal) -> None:
        try:
            await operation.run(message.payload or {}, asking)
        except WebSocketDisconnect:  # the client is gone, or was let go
            return
        except Exception:
            log.exception("a GraphQL operation over a WebSocket failed")
            await self._close(Violation(1011, "Internal error"))
        finally:
            if self._operations.get(operation.id) is operation:
                del self._operations[operation.id]

    async def _send(self, text: str) -> None:
        async with self._sending:
            if self._let_go or self._socket.application_state is not WebSocketState.CONNECTED:
                raise WebSocketDisconnect(1006)
            try:
                await asyncio.wait_for(self._socket.send_text(text), self._serving.limits.send_seconds)
            except TimeoutError:
                self._cut()
                raise WebSocketDisconnect(1008) from None

    def _cut(self) -> None:
        """Let a client go that takes nothing: without a word, for it would not take that either."""
        self._let_go = True
        if self._hearing is not None:
            self._hearing.cancel()

    async def _close(self, violation: Violation) -> None:
        if self._let_go or self._socket.application_state is not WebSocketState.CONNECTED:
            return
        with suppress(WebSocketDisconnect):
            await self._socket.close(violation.code, violation.reason)


def _token(message: Message) -> str | None:
    """What an `Authorization` header would say: its payload holds `token`, or `Authorization` as headers have it."""
    payload = message.payload or {}
    told = {name.lower(): value for name, value in payload.items() if isinstance(value, str)}
    if "token" in told:
        return f"Bearer {told['token']}"
    return told.get("authorization")
