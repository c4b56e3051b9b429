"""What does a check or a submission cost where a real OPA server decides, beside the bare call to that server?

`opa` is looked up on PATH, else where the tests built it; where it is missing the row says so and has no number.
"""

from __future__ import annotations

import itertools
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from api.flows.check import check
from api.settings import read
from api.wiring import House
from benchmarks import serving
from benchmarks.meshes import as_json, products
from benchmarks.submitting import two_commits
from benchmarks.timing import Row, Work, milliseconds, timed
from engine.descriptor import Parts, Submission
from engine.policy.opa import ASKED_AT

TOOLS = Path(__file__).resolve().parent.parent / ".tools"
PROMISED = 1.3
ROUNDS, RUNS, WARM_UP = 15, 6, 6


def rows() -> Iterator[Row]:
    opa = shutil.which("opa") or shutil.which("opa", path=str(TOOLS))
    if opa is None:
        print("no opa on PATH: `make test` builds one where Go is present", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as folder, _opa(opa) as url:
        data = Path(folder) / "data"
        with (
            serving.meshgate(data_dir=str(data), opa_url=url) as address,
            House(read({"data_dir": Path(folder)}, environ={})) as house,
        ):
            yield from _measured(address, url, data, house)


def _measured(address: str, opa: str, data: Path, house: House) -> Iterator[Row]:
    """Every submission is another product, so that each is stored."""
    documents = [as_json(one) for one in products(ROUNDS * RUNS + WARM_UP + 1, seed=11)]
    asking = [serving.posted(address, "/v1/descriptors", one, status=201) for one in documents[1:]]
    fresh = iter(asking)
    works: dict[str, Work] = {
        "check": serving.posted(address, "/v1/checks", documents[0]),
        "OPA": serving.posted(opa, ASKED_AT, _input(data, opa, documents[0])),
        "submit": lambda: next(fresh)(),
        "commits": two_commits(house, documents[0]),
    }
    works["check"]()  # the server puts its policies on the OPA before it is asked for the first time
    times = timed(works, rounds=ROUNDS, runs=RUNS, warm_up=WARM_UP)
    note = ", ".join(f"{name} {milliseconds(times.median(name))}" for name in works)
    yield Row("/v1/checks over OPA / the bare call to OPA", times.ratio("check", "OPA"), PROMISED, note=note)
    promised = [PROMISED * one + other for one, other in zip(times.rounds["OPA"], times.rounds["commits"], strict=True)]
    seen = sorted(one / other for one, other in zip(times.rounds["submit"], promised, strict=True))[ROUNDS // 2]
    yield Row(f"submit over OPA / ({PROMISED} bare calls to OPA + two bare commits)", seen, 1.0)


def _input(data: Path, opa: str, document: bytes) -> bytes:
    """What the server asks OPA about this document, as the body of a bare call."""
    settings = read({"data_dir": data, "opa_url": opa}, environ={}, folder=data)
    with House(settings) as house:
        _, decision = check(Submission("product.json", Parts({"product.json": document})), house=house, catalog=True)
    return json.dumps({"input": decision.effective_input}).encode()


@contextmanager
def _opa(binary: str) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [binary, "run", "--server", "--disable-telemetry", "--log-level", "error", "--addr", address]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        for _ in itertools.count():
            with suppress(OSError):
                urllib.request.urlopen(f"http://{address}/health", timeout=1).close()
                break
            time.sleep(0.05)
        try:
            yield f"http://{address}"
        finally:
            process.terminate()
