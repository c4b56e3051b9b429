"""The HTTP server of a benchmark: `python -m benchmarks.server SETTINGS`, with the settings as a JSON object.

It is `meshgate serve` without what works beside requests. On SQLite that works in the serving process: a catalog that
was just filled is decided again for minutes, and all that time a page would share one interpreter with it.
"""

from __future__ import annotations

import json
import socket
import sys
import tempfile
from pathlib import Path

import uvicorn

from api.http.app import create_app
from api.http.serve import configuration
from api.settings import read
from api.wiring import House


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with House(read(json.loads(sys.argv[1]), environ={}, folder=Path(folder))) as house:
            house.prepare()
            print(f"serving http://127.0.0.1:{listener.getsockname()[1]}", file=sys.stderr, flush=True)
            uvicorn.Server(configuration(create_app(house))).run(sockets=[listener])


if __name__ == "__main__":
    main()
