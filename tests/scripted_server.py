"""A real HTTP server that does what a test says, and behaves on the next call as real ones do on bad days.

Moods, each for one call of a path with that end: `drop` does the work and closes without a word, `fail` does the work
and answers 500, `hang` answers too late, `drip` a byte at a time, `huge` far too much, `garbage` no JSON, `redirect`
elsewhere.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LATE = 3.0
"""Seconds after which a late answer comes; whoever asks is less patient."""


class Scripted:
    """`answer` says what a call answers: a status and a body, which is JSON unless it is bytes."""

    def __init__(self) -> None:
        self.moods: list[tuple[str, str]] = []  # (end of the path, mood), each for one call
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.lock = threading.Lock()
        self.port = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        raise NotImplementedError

    def mood(self, path: str) -> str:
        with self.lock:
            for place, (end, mood) in enumerate(self.moods):
                if path.endswith(end):
                    del self.moods[place]
                    return mood
        return ""


@contextmanager
def serving(script: Scripted) -> Iterator[Scripted]:
    """The script behind a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            self.close_connection = True
            if not self.raw_requestline or not self.parse_request():
                return
            content = self.rfile.read(int(self.headers.get("content-length") or 0))
            with script.lock:
                script.asked.append(f"{self.command} {self.path}")
                script.headers.append({name.lower(): value for name, value in self.headers.items()})
            mood = script.mood(self.path)
            if mood == "redirect":
                return self.tell(307, b"", {"location": f"{script.address}/elsewhere"})
            status, told = script.answer(self.command, self.path, json.loads(content) if content else None)
            written = told if isinstance(told, bytes) else json.dumps(told).encode()
            with suppress(OSError):  # who asked has gone
                self.moody(mood, status, written)

        def moody(self, mood: str, status: int, written: bytes) -> None:
            if mood == "drop":
                return
            if mood == "hang":
                time.sleep(LATE)
            if mood == "drip":
                self.tell(status, b"", {"content-length": "1000"})
                for _ in range(30):
                    self.wfile.write(b" ")
                    time.sleep(LATE / 15)
                return
            said = {"fail": b'{"error": "boom"}', "garbage": b"<html>\xff</html>", "huge": b"x" * 5_000_000}
            self.tell({"fail": 500, "garbage": 200, "huge": 200}.get(mood, status), said.get(mood, written))

        def tell(self, status: int, written: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {"content-length": str(len(written)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(written)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    script.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    yield script
    server.shutdown()
    server.server_close()
