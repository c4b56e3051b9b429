"""How does a server run? One uvicorn process that owns its data directory on SQLite, and ends in good order."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from api.auth.loopback import require_loopback
from api.http.app import create_app, json_log
from api.wiring import House

SHUTDOWN_SECONDS = 20
MESSAGE_LIMIT = 256 * 1024
"""Bytes of one WebSocket message, as of a body that asks GraphQL."""


def serve(
    house: House,
    *,
    host: str | None = None,
    port: int | None = None,
    with_worker: bool = False,
    ready: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve until SIGTERM or SIGINT: requests in flight end, the worker stops, the data directory is let go.

    Port 0 takes a free one; `ready` is told the address once the socket listens. On SQLite the worker always runs here.
    Raises SettingsInvalid (no tokens, not loopback), DataDirectoryBusy, CatalogUnavailable, UsageError (port taken).
    """
    house.follow_releases()
    host = house.settings.host if host is None else host
    require_loopback(host, tokens_configured=house.tokens is not None)
    with _listening(host, house.settings.port if port is None else port) as listener:
        address = _address(host, listener)
        works = with_worker or house.settings.on_sqlite
        with house.owning_the_data(address=address), house.at_work() if works else nullcontext():
            house.prepare()
            log = json_log()
            server = uvicorn.Server(configuration(create_app(house, log=log)))
            log.info("serving", address=address, asked_by="holders of tokens" if house.tokens else "this machine only")
            with _ends_in_order(server, house):
                ready(address)
                server.run(sockets=[listener])


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    from engine.errors import UsageError

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host.strip("[]"), port), family=family, backlog=2048)
    except OSError as reason:
        raise UsageError(f"{host}:{port} cannot be listened on: {reason.strerror or reason}.") from reason
    # asyncio turns Nagle's algorithm off only for sockets that name their protocol, and these do not: without this
    # every second small answer would wait for a delayed acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with listener:
        yield listener


def _address(host: str, listener: socket.socket) -> str:
    shown = f"[{host.strip('[]')}]" if ":" in host else host
    return f"http://{shown}:{listener.getsockname()[1]}"


@contextmanager
def _ends_in_order(server: uvicorn.Server, house: House) -> Iterator[None]:
    """Let a signal end the server only: uvicorn raises it again afterwards, which would skip what closes after it.

    A signal that comes before uvicorn listens for it ends the server as well, as soon as it has started. Requests that
    only wait for news are answered at once.
    """

    def end(*_: object) -> None:
        house.ending.set()
        server.should_exit = True

    ends = (signal.SIGTERM, signal.SIGINT)
    before = {one: signal.signal(one, end) for one in ends} if _in_main_thread() else {}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def configuration(app: ASGIApp, **more: Any) -> uvicorn.Config:
    """How every server of meshgate speaks HTTP and WebSockets."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        h11_max_incomplete_event_size=64 * 1024,
        ws_max_size=MESSAGE_LIMIT,
        ws_per_message_deflate=False,  # messages are small, and a compressor for each connection is not
        lifespan="auto",
        **more,
    )
