"""What surrounds every HTTP answer? An id, security headers, a log line without bodies, counters, and no bare 500."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Mapping
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.metrics import Metrics

SECURITY: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Sent with every answer, except where a page sets its own, narrower or wider."""

UNTOLD = "/v1/callbacks/"
"""What follows this in a path is a secret, and stands in no log."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Envelope:
    """The outermost ASGI layer around the whole app; WebSockets pass through untouched."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, log: structlog.typing.FilteringBoundLogger) -> None:
        self._app, self._metrics, self._log = app, metrics, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, send)
        try:
            await self._app(scope, receive, exchange.send)
        except Exception as error:
            self._tell("error", scope, exchange, exc_info=error)
            if not exchange.complete:  # half an answer is out: only a cut connection tells the client so
                raise
        finally:
            self._metrics.answered(scope["method"], exchange.route, exchange.status, exchange.seconds)
            self._tell("info", scope, exchange)

    def _tell(self, level: str, scope: Scope, exchange: _Exchange, **more: Any) -> None:
        principal = scope.get("state", {}).get("principal")
        getattr(self._log, level)(
            "failed" if more else "answered",
            request_id=exchange.id,
            method=scope["method"],
            route=exchange.route,
            path=_told(scope["path"]),
            status=exchange.status,
            milliseconds=round(exchange.seconds * 1000, 1),
            principal=principal.id if principal else None,
            **more,
        )


def _told(path: str) -> str:
    return f"{UNTOLD}***" if path.startswith(UNTOLD) else path


class _Exchange:
    """One request on its way out: which id it has, which route took it, and how it was answered."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope, self._send, self._began = scope, send, time.perf_counter()
        asked = Headers(scope=scope).get("x-request-id", "")
        self.id = asked if _REQUEST_ID.fullmatch(asked) else uuid.uuid4().hex
        self.status = 0
        self.complete = False

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._began

    @property
    def route(self) -> str:
        """The route's pattern, so that neither logs nor counters grow with the number of products."""
        return str(getattr(self._scope.get("route"), "path", "(none)"))

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self.id
            for name, value in SECURITY.items():
                headers.setdefault(name, value)
        await self._send(message)
        self.complete = message["type"] == "http.response.body" and not message.get("more_body")
