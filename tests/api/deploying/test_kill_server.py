"""Does a whole server that is killed during a deployment finish that deployment once when it is started again?"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy_stage import wait_for

ROOT = Path(__file__).resolve().parents[3]
COMMAND = [
    sys.executable,
    "-c",
    "from api.cli import main; main()",
    "serve",
    "--with-worker",
    "--listen",
    "127.0.0.1:0",
]


@contextmanager
def server(url: str, folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A real `meshgate serve` on a free port; killed at the end, whatever happened."""
    told = {"PYTHONPATH": str(ROOT), "MESHGATE_DATA_DIR": str(folder), "MESHGATE_DATABASE_URL": url}
    with (folder / "stderr").open("w+b") as log:
        process = subprocess.Popen(COMMAND, cwd=folder, env=os.environ | told, stderr=log)
        try:
            yield process, wait_for(lambda: _address(folder, process), "the server")
        finally:
            process.kill()
            process.wait()


def _address(folder: Path, process: subprocess.Popen[bytes]) -> str:
    said = (folder / "stderr").read_text()
    assert process.poll() is None, said
    found = re.search(r"^serving (\S+)$", said, re.MULTILINE)
    return found[1] if found else ""


def called(method: str, url: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read())


def accepted() -> dict[str, Any]:
    """A product that the starter policies accept."""
    text = (ROOT / "examples/mesh/customer/customers.yaml").read_bytes()
    from engine.descriptor import Parts, Submission, ingest

    effective = ingest(Submission("dp.yaml", Parts({"dp.yaml": text}))).effective
    assert effective is not None
    return effective


def test_a_server_that_is_killed_during_a_deployment_finishes_it_once(store_url: str, tmp_path: Path) -> None:
    content = accepted()
    wish = {
        "product": content["info"]["fullyQualifiedName"],
        "version": content["info"]["version"],
        "environment": "dev",
    }
    with server(store_url, tmp_path) as (process, address):
        called("POST", f"{address}/v1/descriptors", content)
        asked = called("POST", f"{address}/v1/deployments", wish)
        state = called("GET", f"{address}/v1/deployments/{asked['id']}")["state"]
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert state in ("queued", "planning", "applying", "verifying", "succeeded")
    with server(store_url, tmp_path) as (_, address):
        where = f"{address}/v1/deployments/{asked['id']}"
        wait_for(lambda: called("GET", where)["state"] == "succeeded", "the end of the deployment")
        again = called("POST", f"{address}/v1/deployments", wish)
        changes = called("GET", f"{address}/v1/changes?after=0")["changes"]
        container = called("GET", f"{address}/v1/containers/{asked['container']}")
    assert (again["id"], again["standing"]) == (asked["id"], "live")
    kinds = [one["kind"] for one in changes if one["kind"].startswith(("deployment.", "container."))]
    assert kinds == ["deployment.requested", "deployment.succeeded", "container.created"]
    assert {one["state"] for one in container["resources"]} == {"ready"}
