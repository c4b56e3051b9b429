"""How is a real server started for a benchmark, and asked over one connection?"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from benchmarks.timing import Work

IDLE_SECONDS = 2.0


def posted(address: str, path: str, body: bytes, *, status: int = 200) -> Work:
    """Posts the same JSON body at every run and reads the whole answer."""
    return _asked(address, "POST", path, body, status)


def got(address: str, path: str) -> Work:
    """Gets the same address at every run and reads the whole answer."""
    return _asked(address, "GET", path, None, 200)


def _asked(address: str, method: str, path: str, body: bytes | None, status: int) -> Work:
    """A connection that lay idle while others were measured is opened anew: the server may be about to end it."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"))
    headers = {} if body is None else {"content-type": "application/json"}
    used = 0.0

    def asked() -> None:
        nonlocal used
        if time.monotonic() - used > IDLE_SECONDS:
            connection.close()
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == status, content
        assert b"errors" not in content, content
        used = time.monotonic()

    return asked


@contextmanager
def meshgate(**settings: str) -> Iterator[str]:
    """The address of a server with these settings, in a process of its own."""
    with served([sys.executable, "-m", "benchmarks.server", json.dumps(settings)]) as address:
        yield address


@contextmanager
def served(command: list[str]) -> Iterator[str]:
    """A server and the address that it says itself.

    Its log goes to a file, because a pipe that nobody reads would stop it.
    """
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MESHGATE_")}
    with tempfile.TemporaryFile() as log, subprocess.Popen(command, stderr=log, env=clean) as process:
        try:
            yield _address(log, process)
        finally:
            process.terminate()


def _address(log: IO[bytes], process: subprocess.Popen[bytes]) -> str:
    while process.poll() is None:
        log.seek(0)
        for line in log.read().decode().splitlines():
            if line.startswith("serving "):
                return line.split()[1]
        time.sleep(0.05)
    raise AssertionError(f"{process.args!r} ended with {process.returncode}")
