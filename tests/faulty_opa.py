"""A real OPA server behind a proxy that lies, breaks and dawdles as it is told, and remembers what it let through."""

from __future__ import annotations

import contextlib
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

WELL = "well"
HONEST = (WELL, "slow", "flapping")
"""Modes in which a true answer may come through."""

Tampering = Callable[[dict[str, Any]], bytes]


def _plain(value: object) -> bytes:
    return json.dumps(value).encode()


def _all_pass(result: dict[str, Any]) -> dict[str, Any]:
    return {**result, "results": {policy: [] for policy in result["results"]}}


def _twice(told: dict[str, Any]) -> bytes:
    """The true answer, followed by a second `results` in which everything passes."""
    true, lie = json.dumps(told["result"])[:-1], json.dumps(_all_pass(told["result"])["results"])
    return f'{{"result": {true}, "results": {lie}}}}}'.encode()


def _silenced(told: dict[str, Any]) -> bytes:
    """The true answer of one policy that does not object, without all others: blocking ones are among them."""
    silent = sorted(policy for policy, found in told["result"]["results"].items() if not found)
    results: dict[str, Any] = {policy: [] for policy in silent[:1]}
    return _plain({"result": {**told["result"], "results": results, "evaluated": sorted(results)}})


def _undone(told: dict[str, Any]) -> bytes:
    """Every policy answers with an empty object instead of a set."""
    return _plain({"result": {**told["result"], "results": {one: {} for one in told["result"]["results"]}}})


TAMPERINGS: dict[str, Tampering] = {
    "garbage": lambda _: b"\xff\x00 what",
    "nothing": lambda _: b"",
    "empty object": lambda _: b"{}",
    "list": lambda _: b"[]",
    "huge": lambda _: b'{"result": "' + b"x" * 300_000 + b'"}',
    "a key twice": _twice,
    "another revision": lambda told: _plain({"result": {**_all_pass(told["result"]), "revision": "sha256:other"}}),
    "silenced": _silenced,
    "no sets": _undone,
    "true": lambda _: b'{"result": true}',
}
STATUSES = {"500": 500, "503": 503, "401": 401, "redirect": 307}
MODES = (*HONEST, *TAMPERINGS, *STATUSES, "hang", "drip", "hang up", "truncated")


class FaultyOpa:
    """The proxy; set `mode` to one of MODES. `truly` holds the names of the products it gave a true answer about."""

    def __init__(self, opa_url: str) -> None:
        self.mode = WELL
        self.truly: set[str] = set()
        self._opa, self._closing = opa_url, threading.Event()
        self._turns = count()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with contextlib.suppress(OSError):
                    outer._answer(self, body)

            def do_GET(self) -> None:
                with contextlib.suppress(OSError):
                    _send(self, *outer._asked(self.path, None))

            def log_message(self, *told: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _asked(self, path: str, body: bytes | None) -> tuple[int, bytes]:
        """What the real OPA answers."""
        request = urllib.request.Request(self._opa + path, body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def _answer(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        mode = self.mode
        if mode == "flapping":
            mode = WELL if next(self._turns) % 2 else "500"
        if mode in STATUSES:
            request.close_connection = mode == "503"
            return _send(request, STATUSES[mode], _plain({"code": "internal_error", "message": "out of order"}))
        if mode == "hang up":
            request.close_connection = True
            return None
        if mode == "hang":
            request.close_connection = True
            self._closing.wait(3)
            return None
        status, content = self._asked(request.path, body)
        if mode in TAMPERINGS:
            told = json.loads(content)
            return _send(request, status, TAMPERINGS[mode](told))
        if mode in ("drip", "truncated"):
            return self._broken_off(request, content, slowly=mode == "drip")
        if mode == "slow":
            time.sleep(0.02)
        self.truly.add(json.loads(body)["input"]["info"]["name"])
        return _send(request, status, content)

    def _broken_off(self, request: BaseHTTPRequestHandler, content: bytes, *, slowly: bool) -> None:
        """The true answer without its end: at once, or byte by byte until nobody waits."""
        request.send_response(200)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.close_connection = True
        if not slowly:
            request.wfile.write(content[:-1])
            return
        for at in range(min(len(content) - 1, 300)):
            request.wfile.write(content[at : at + 1])
            request.wfile.flush()
            if self._closing.wait(0.01):
                return


def _send(request: BaseHTTPRequestHandler, status: int, content: bytes) -> None:
    request.send_response(status)
    request.send_header("Content-Length", str(len(content)))
    if status == 307:
        request.send_header("Location", "/elsewhere")
    request.end_headers()
    request.wfile.write(content)
