"""A web server whose answers are written down before: files, and every way in which a host can be no help."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from bundle_server import listening

PORT = b"""name: orders
version: "1.0.0"
promises:
  platform: postgresql
"""


@dataclass
class RemoteFiles:
    """Files by path; `asked` holds every path that was asked for, `sent` the headers of these requests."""

    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    sent: list[dict[str, str]] = field(default_factory=list)
    host: str = ""
    done: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def name(self, path: str) -> str:
        """The name of the part that such a file becomes."""
        return f"@http/{self.host}{path}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        self.asked.append(request.path)
        self.sent.append({name.lower(): value for name, value in request.headers.items()})
        match request.path:
            case "/redirect.yaml":
                _say(request, 302, b"", Location="/port.yaml")
            case "/zipped.yaml":
                _say(request, 200, gzip.compress(b"a" * 1000), **{"Content-Encoding": "gzip"})
            case "/hangs.yaml":
                self.done.wait(10)
            case "/drips.yaml":
                _say(request, 200, b"a", **{"Content-Length": "1000"})
                while not self.done.wait(0.05):
                    request.wfile.write(b"a")
            case "/cut.yaml":
                _say(request, 200, b"a: 1\n", **{"Content-Length": "1000"})
            case "/huge.yaml":
                _say(request, 200, b"", **{"Content-Length": str(1 << 40)})
                while not self.done.is_set():
                    request.wfile.write(b"#" * 65536)
            case "/noise.yaml":
                request.wfile.write(b"\x00\xffthis is not HTTP\r\n\r\n")
            case path if path in self.files:
                _say(request, 200, self.files[path])
            case _:
                _say(request, 404, b"nothing here")


def _say(request: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    request.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)


@contextmanager
def serving(remote: RemoteFiles) -> Iterator[RemoteFiles]:
    """The server on a port of its own while the block runs."""
    with listening(remote.answer, remote.done) as host:
        remote.host = host
        yield remote
