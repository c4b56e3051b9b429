"""A real HTTP receiver of webhooks for tests: what it does with each request is told to it, and what came is kept."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[[BaseHTTPRequestHandler], None]


def status(code: int, **headers: str) -> Behaviour:
    """Answers with this status."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in {"Content-Length": "0", **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()

    return answer


def hang(handler: BaseHTTPRequestHandler) -> None:
    """Answers nothing until the receiver ends."""
    handler.server.ended.wait(30)  # type: ignore[attr-defined]


def flood(handler: BaseHTTPRequestHandler) -> None:
    """Says that all is well and sends a body without end."""
    handler.send_response(200)
    handler.end_headers()
    while not handler.server.ended.is_set():  # type: ignore[attr-defined]
        handler.wfile.write(b"x" * 65536)


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Sends a status line letter by letter, and never ends it."""
    while not handler.server.ended.wait(0.05):  # type: ignore[attr-defined]
        handler.wfile.write(b"H")
        handler.wfile.flush()


def cut(handler: BaseHTTPRequestHandler) -> None:
    """Hangs up."""
    handler.close_connection = True


def garbage(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"no HTTP at all\r\n\r\n")


class Receiver:
    """`behaviours` are used up one by one; then every request is taken with 200."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.behaviours: list[Behaviour] = []
        self.came: list[tuple[dict[str, str], bytes]] = []
        self.paths: list[str] = []
        self.taken = threading.Condition()

    @property
    def events(self) -> list[Any]:
        return [json.loads(body) for _, body in self.came]

    @property
    def ids(self) -> list[int]:
        return [int(event["id"]) for event in self.events]


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A receiver on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            with here.taken:
                here.came.append(({name.lower(): value for name, value in self.headers.items()}, body))
                here.paths.append(self.path)
                behave = here.behaviours.pop(0) if here.behaviours else status(200)
                here.taken.notify_all()
            behave(self)

        def do_GET(self) -> None:
            here.paths.append(f"GET {self.path}")
            status(200)(self)

        def log_message(self, *_: object) -> None:
            pass

        def handle(self) -> None:
            with suppress(OSError):  # who asked has hung up
                super().handle()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.ended = threading.Event()  # type: ignore[attr-defined]
    here = Receiver(f"http://127.0.0.1:{server.server_address[1]}/hook")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield here
    finally:
        server.ended.set()  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()
        server.server_close()
