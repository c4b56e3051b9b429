"""What does the engine add to a resource, a plan to a graph, and how soon is a dead worker's deployment taken over?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import catalogs
from benchmarks.deployments import ENVIRONMENT, Bench, Nothing, bench, document
from benchmarks.meshes import as_json
from benchmarks.timing import Row, milliseconds, timed
from engine.descriptor import Parts, Submission, ingest
from engine.model import Json
from engine.provision.durable import Action, Script, Step
from engine.provision.naming import digest_of
from engine.provision.plan import Target, plan

RESOURCES, COMPONENTS = 60, 200
MANY, SLEEP, THREADS = 48, 5.0, 4
"""Deployments of one resource whose adapter sleeps for so many seconds, and how many a worker does at once."""

WORKER = """
import sys, threading
from pathlib import Path
from benchmarks.deployments import Nothing, bench
url, seconds, note = sys.argv[1:]
def called():
    with Path(note).open("a") as file:
        file.write("called\\n")
with bench(url, Nothing(float(seconds), called)) as here:
    here.worker.start()
    print("ready", flush=True)
    threading.Event().wait()
"""


def rows() -> Iterator[Row]:
    """With `--long` also how workers share the work."""
    for store, make in catalogs.STORES.items():
        with make() as url:
            yield _overhead(store, url)
    yield _plan()
    for store, make in catalogs.STORES.items():
        with make() as url:
            yield _take_over(store, url)
    if "--long" in sys.argv:
        yield from _scaling()


def _overhead(store: str, url: str) -> Row:
    """Each resource beside a bare step of the same workflow, which remembers nothing but that it was done."""
    resources: list[float] = []
    bare: list[float] = []

    def timing(script: Script) -> Script:
        def run(deployment_id: str, step: Step) -> None:
            def both(name: str, action: Action) -> Json:
                if not name.startswith("apply"):
                    return step(name, action)
                begun = time.perf_counter()
                answer = step(name, action)
                between = time.perf_counter()
                step("bare", lambda: {})
                resources.append(between - begun)
                bare.append(time.perf_counter() - between)
                return answer

            script(deployment_id, both)

        return run

    with bench(url, Nothing(), script=timing) as here:
        fqn = here.accepted(document("overhead", RESOURCES))
        here.worker.start()
        here.wait(here.asked(fqn))
    ratio = median(one / other for one, other in zip(resources, bare, strict=True))
    note = f"{milliseconds(median(resources))} against {milliseconds(median(bare))}, {RESOURCES} resources"
    return Row(f"a resource / a step of the durable engine, {store}", ratio, 3.0, note=note)


def _plan() -> Row:
    """The plan beside what it cannot do without: an order of the same graph, and one digest of the same size."""
    read = ingest(Submission("product.json", Parts({"product.json": as_json(document("planned", COMPONENTS))})))
    assert read.identity is not None
    assert read.effective is not None
    effective, target = read.effective, Target("container", 1, read.identity, ENVIRONMENT)

    def planned() -> Any:
        return plan(effective, target, known={}, seen={})

    actions = planned().document()["actions"]
    graph = {one["request"]["component"]["fqn"]: one["depends_on"] for one in actions}
    works: dict[str, Callable[[], object]] = {
        "plan": planned,
        "bare": lambda: (list(TopologicalSorter(graph).static_order()), digest_of(actions)),
    }
    times = timed(works, rounds=15, runs=3)
    each = milliseconds(times.median("plan") / COMPONENTS)
    note = f"{milliseconds(times.median('plan'))} against {milliseconds(times.median('bare'))}, {each} for each"
    return Row(f"plan of {COMPONENTS} components / order + digest", times.ratio("plan", "bare"), note=note)


def _take_over(store: str, url: str) -> Row:
    """A worker process is killed inside an adapter; on PostgreSQL another one is there, on SQLite one is started."""
    with tempfile.TemporaryDirectory() as folder, bench(url, Nothing()) as here:
        note = Path(folder) / "calls"
        asked = here.asked(here.accepted(document("taken-over", 1)))
        processes = [_worker(url, 600, note)]
        try:
            _until(lambda: _calls(note) == 1)
            if store == "PostgreSQL":
                processes.append(_worker(url, 0, note))
            os.kill(processes[0].pid, signal.SIGKILL)
            processes[0].wait()
            begun = time.perf_counter()
            if store == "SQLite":
                processes.append(_worker(url, 0, note))
            _until(lambda: _calls(note) == 2)
            taken = time.perf_counter() - begun
            here.wait(asked)
            ended = time.perf_counter() - begun
        finally:
            _end(processes)
    said = "a lease of 15 s, looked at every 5 s" if store == "PostgreSQL" else "start of the process included"
    return Row(f"from kill to take-over, {store}", taken, unit=" s", note=f"{said}; ended after {ended:.1f} s")


def _scaling() -> Iterator[Row]:
    """The same deployments by one, two and four worker processes on PostgreSQL."""
    for workers in (1, 2, 4):
        with catalogs.postgresql() as url, tempfile.TemporaryDirectory() as folder, bench(url, Nothing()) as here:
            fqns = [here.accepted(document(f"slow{number:03}", 1)) for number in range(MANY)]
            processes = [_worker(url, SLEEP, Path(folder) / "calls") for _ in range(workers)]
            try:
                seconds = _shared(here, fqns)
            finally:
                _end(processes)
        ideal = MANY * SLEEP / (workers * THREADS)
        note = f"{MANY / seconds * 60:.0f} deployments per minute, {seconds:.1f} s against {ideal:.1f} s"
        yield Row(f"{MANY} deployments that sleep, {workers} workers / ideal", seconds / ideal, 1.25, note=note)


def _shared(here: Bench, fqns: list[str]) -> float:
    begun = time.perf_counter()
    here.wait(*[here.asked(one) for one in fqns])
    return time.perf_counter() - begun


def _worker(url: str, seconds: float, note: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WORKER, url, str(seconds), str(note)]
    process = subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def _end(processes: list[subprocess.Popen[str]]) -> None:
    for one in processes:
        one.kill()
        one.communicate()


def _calls(note: Path) -> int:
    return len(note.read_text().splitlines()) if note.exists() else 0


def _until(look: Callable[[], bool]) -> None:
    while not look():
        time.sleep(0.02)
