"""What does it cost to decide the catalog again after one policy changed, beside all of it, and with two workers?

Before a full rescan every policy is another one, so that none of the kept answers can be used. All these rescans only
confirm what was known: writing down what changed costs as much as a submission does, and is measured there.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import policies
from api.auth.permissions import LOCAL
from api.flows.rescanning.opening import due
from api.settings import read
from api.wiring import House
from benchmarks import catalogs
from benchmarks.meshes import TYPICAL
from benchmarks.timing import Row, timed
from engine.model import Json

PRODUCTS, MANY = 1_000, 10_000
ONE = "mesh.ownership.owner_declared"
"""The policy that changes: it reads constant paths, as most do, and is cheap, which makes its promise the hardest."""

WORKER = """
import sys
from benchmarks.rescanning import the_house, worked_off
with the_house(sys.argv[1], sys.argv[2]) as house:
    print("ready", flush=True)
    sys.stdin.readline()
    worked_off(house)
"""


def rows() -> Iterator[Row]:
    """One changed policy; with `--long` of more products, and with workers and an impact report beside it."""
    long = "--long" in sys.argv
    with tempfile.TemporaryDirectory() as name, catalogs.sqlite() as url:
        yield from _one_of_all(Path(name), url, MANY if long else PRODUCTS)
    if long:
        with tempfile.TemporaryDirectory() as name, catalogs.postgresql() as url:
            yield _workers(Path(name), url, MANY)


def _one_of_all(folder: Path, url: str, count: int) -> Iterator[Row]:
    _furnished(folder, url, count)
    with the_house(str(folder), url) as house:
        worked_off(house)
        own = _own_seconds(house)
    _change(folder, "")
    with the_house(str(folder), url) as house:
        full = worked_off(house)
    _change(folder, ONE)
    with the_house(str(folder), url) as house:
        one = worked_off(house)
    note = f"{one / count * 1000:.2f} ms against {full / count * 1000:.2f} ms for each of {count} products; its share "
    note += f"{own * count / full:.3f}"
    yield Row(
        "rescan after one policy changed / full rescan, SQLite",
        one / full,
        round(own * count / full + 0.05, 3),
        note=note,
    )
    yield _impact(folder, url, count)


def _impact(folder: Path, url: str, count: int) -> Row:
    """The command that a pull request runs, in a process of its own."""
    was = folder / "was"
    shutil.copytree(folder / "policies", was)
    _change(folder, ONE)
    command = [str(Path(sys.executable).parent / "meshgate"), "policy", "impact", "--base", str(was)]
    command += ["--policies", str(folder / "policies"), "--database-url", url, "--data-dir", str(folder)]
    begun = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return Row(f"impact of one changed policy on {count} products", time.perf_counter() - begun, unit=" s")


def _workers(folder: Path, url: str, count: int) -> Row:
    """The same full rescan by one worker process and by two."""
    _furnished(folder, url, count)
    with the_house(str(folder), url) as house:
        worked_off(house)
    seconds = {}
    for workers in (1, 2):
        _change(folder, "")
        with the_house(str(folder), url) as house:
            due(house, rules_are_new=True)
        seconds[workers] = _shared(folder, url, workers)
    note = (
        f"{seconds[2]:.1f} s against {seconds[1]:.1f} s, {count} products, {seconds[1] / seconds[2]:.2f} times as fast"
    )
    return Row("full rescan, 2 workers / 1 worker, PostgreSQL", seconds[2] / seconds[1], 1 / 1.8, note=note)


def _shared(folder: Path, url: str, workers: int) -> float:
    """Seconds until so many workers, up and waiting when it begins, have worked off what is open."""
    command = [sys.executable, "-c", WORKER, str(folder), url]
    processes = [
        subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(workers)
    ]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    begun = time.perf_counter()
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
    for process in processes:
        process.wait()
    return time.perf_counter() - begun


def _furnished(folder: Path, url: str, count: int) -> None:
    shutil.copytree(policies.DIRECTORY, folder / "policies")
    with catalogs.opened(url) as database:
        catalogs.filled(database, count, size=TYPICAL)


@contextmanager
def the_house(folder: str, url: str) -> Iterator[House]:
    """A house on this catalog with the policies of this folder, ready to judge."""
    flags: dict[str, object] = {"policies": [f"{folder}/policies"], "database_url": url}
    with House(read(flags, environ={}, folder=Path(folder))) as house:
        house.prepare()
        house.readings(house.bundle)
        yield house


def worked_off(house: House) -> float:
    """Seconds for whatever is due or open."""
    begun = time.perf_counter()
    while house.rescanner.once():
        pass
    return time.perf_counter() - begun


def _own_seconds(house: House) -> float:
    """What this policy adds to asking all of them about one product."""
    subject = house.subjects.page(principal=LOCAL, limit=1)[0]
    everyone = sorted(id for id, one in house.bundle.policies.items() if not one.needs)
    others = [id for id in everyone if id != ONE]
    context: dict[str, Json] = {"event": "rescan", "environment": None, "parameters": {}, "previous": None}
    context |= {"mesh": None, "now": "2026-11-26T00:00:00Z"}
    document = {**subject.effective, "_context": {**context, "policies": everyone}}
    engine, bundle = house.engine, house.bundle
    times = timed(
        {
            "all": lambda: engine.evaluate(bundle, everyone, document),
            "others": lambda: engine.evaluate(bundle, others, document),
        },
        rounds=31,
        runs=20,
    )
    return max(0.0, times.median("all") - times.median("others"))


def _change(folder: Path, policy: str) -> None:
    """Make this policy another one that says the same, or all of them (no name)."""
    for file in (folder / "policies").rglob("*.rego"):
        if not policy or file.parent == folder.joinpath("policies", *policy.split(".")):
            file.write_text(file.read_text() + f"\n# changed at {time.time_ns()}\n")
