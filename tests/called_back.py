"""The door that platforms call back at, as a real server in this process over the store of a test."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx
import uvicorn
from doors import a_house, until
from fastapi import FastAPI
from standardwebhooks import Webhook

from api.http.problems import answer_with_problems
from api.http.routes import callbacks
from api.http.serve import configuration

KEY = b"k" * 32
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"


@contextmanager
def door(store_url: str, folder: Path) -> Iterator[str]:
    """The address below which `/v1/callbacks` is served."""
    folder.mkdir(exist_ok=True)
    with a_house(folder, database_url=store_url) as house:
        app = FastAPI()
        app.state.house = house
        app.include_router(callbacks.router)
        answer_with_problems(app)
        server = uvicorn.Server(configuration(app, port=0, log_level="critical"))
        thread = threading.Thread(target=server.run)
        thread.start()
        until(lambda: server.started)
        try:
            yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(30)


def event(**changes: Any) -> bytes:
    """A CloudEvent that says that something moved."""
    told = {"specversion": "1.0", "id": "1", "source": "urn:adapter", "type": "upp.operation.moved.v1", **changes}
    return json.dumps(told).encode()


def signed(body: bytes, *, id: str = "m1", late: float = 0.0, key: bytes = KEY) -> dict[str, str]:
    """The headers of Standard Webhooks for this body, signed so many seconds ago."""
    moment = datetime.now(UTC) - timedelta(seconds=late)
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(key).sign(id, moment, body.decode("utf-8", "surrogateescape")),
    }


def post(address: str, body: bytes, headers: dict[str, str]) -> int:
    """The status with which a callback is answered."""
    return httpx.post(address, content=body, headers=headers, timeout=30).status_code
