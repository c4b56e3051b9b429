"""A server for tests, in this process or in one of its own, and a small product that the starter policies accept."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2 as httpx
from starlette.testclient import TestClient

from api.http.app import create_app
from api.settings import read
from api.wiring import House

ROOT = Path(__file__).resolve().parent.parent
HERE = "http://127.0.0.1"
YAML = {"Content-Type": "application/yaml"}
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def product(
    name: str = "parcels", version: str = "1.0.0", *, owner: str = "jo@example.org", description: str = "Parcels."
) -> bytes:
    """A descriptor that the starter policies accept; without an owner they refuse it."""
    line = f"urn:dpds:org.example:dataproducts:{name}:{version.partition('.')[0]}"
    owned = f"  owner: {{id: {owner}, name: Parcel Team}}\n" if owner else ""
    return f"""dataProductDescriptor: "1.0.0"
info:
  fullyQualifiedName: {line}
  entityType: dataproduct
  name: {name}
  version: "{version}"
  domain: logistics
  displayName: Parcels
  description: {description}
{owned}interfaceComponents:
  outputPorts:
  - name: moved
    version: "{version}"
    displayName: Moved parcels
    description: One row for each move of a parcel.
    promises:
      platform: postgresql:eu
      servicesType: datastore-services
      api:
        name: movedApi
        version: "1.0.0"
        specification: datastoreapi
        definition: {{datastoreapi: "1.0.0", schema: {{tables: []}}}}
""".encode()


def behind(version: str = "1.0.0", columns: tuple[str, ...] = ("id", "city")) -> dict[str, bytes]:
    """The same product, whose columns stand in a file that only the definition of its port refers to."""
    definition = '{datastoreapi: "1.0.0", schema: {tables: [{name: moves, definition: {$ref: "tables/moves.yaml"}}]}}'
    root = product(version=version).replace(b'{datastoreapi: "1.0.0", schema: {tables: []}}', definition.encode())
    listed = "".join(f"  - {{name: {column}, dataType: TEXT}}\n" for column in columns)
    return {"product.yaml": root, "tables/moves.yaml": f"columns:\n{listed}".encode()}


def a_house(data_dir: Path, **flags: object) -> House:
    """A house over a data directory of its own, at a fixed moment, with nothing read from the environment."""
    settings = read({"data_dir": data_dir, **flags}, environ={}, folder=data_dir)
    return House(settings, clock=lambda: NOW)


def a_client(house: House, **options: Any) -> TestClient:
    """A client that talks HTTP to the app of this house, inside this process."""
    return TestClient(create_app(house), base_url=HERE, **options)


def submit(client: TestClient | httpx.Client, content: bytes, **headers: str) -> httpx.Response:
    return client.post("/v1/descriptors", content=content, headers={**YAML, **headers})


SERVE = """
import sys
from pathlib import Path
from api.http.serve import serve
from api.settings import read
from api.wiring import House
flags = dict(one.split("=", 1) for one in sys.argv[2:])
with House(read({"data_dir": Path(sys.argv[1]), **flags}, environ={}, folder=Path(sys.argv[1]))) as house:
    serve(house, port=0, with_worker=True, ready=lambda address: print(address, flush=True))
"""


@contextmanager
def a_server(data_dir: Path, **flags: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A real server in a process of its own: its address and the process, ended by SIGTERM if it still runs."""
    command = [sys.executable, "-c", SERVE, str(data_dir), *(f"{name}={value}" for name, value in flags.items())]
    log = (data_dir / "server.log").open("a")
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    assert address, (data_dir / "server.log").read_text()
    try:
        yield address, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        log.close()


def until(question: Any, *, seconds: float = 20) -> Any:
    """The first true answer to the question, asked until the deadline."""
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return answer


def problem(answer: httpx.Response) -> Mapping[str, Any]:
    """The problem that an answer is; fails where it is none."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    told: Mapping[str, Any] = answer.json()
    assert told["status"] == answer.status_code
    return told
