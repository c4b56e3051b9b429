"""A server of one bundle that tests can turn off, break, or look into."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Script = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class BundleServer:
    """Answers after `script`, or with `status` and `content` under `tag`; `asked` holds every request's headers."""

    content: bytes = b""
    tag: str = '"one"'
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    script: Script | None = None
    asked: list[Mapping[str, str]] = field(default_factory=list)
    address: str = ""
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"{self.address}/bundle"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        self.asked.append(dict(request.headers))
        if self.script is not None:
            self.script(request)
            return
        same = self.status == 200 and request.headers.get("if-none-match") == self.tag
        body = self.content if self.status == 200 and not same else b""
        request.send_response(304 if same else self.status)
        for name, value in {"ETag": self.tag, "Content-Length": str(len(body)), **self.headers}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)


@contextmanager
def listening(answer: Callable[[BaseHTTPRequestHandler], None], done: threading.Event) -> Iterator[str]:
    """Host and port where `answer` is asked for every GET while the block runs; `done` is set at its end."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with suppress(OSError):
                answer(self)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        done.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def serving(server: BundleServer) -> Iterator[BundleServer]:
    """The server on a port of its own while the block runs."""
    with listening(server.answer, server.done) as host:
        server.address = f"http://{host}"
        yield server
