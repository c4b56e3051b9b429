"""What does a whole check cost beside the bare Rego engine, cold, and over a thousand files?"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import orjson

import policies
from api.flows.check import check
from api.settings import read
from api.wiring import House
from benchmarks.meshes import as_json, as_yaml, products
from benchmarks.timing import Row, milliseconds, timed
from engine.descriptor import Parts, Submission
from engine.policy import bundle, query

FILES = 1000
TIMES_MORE = 4


def rows() -> Iterator[Row]:
    yield from warm()
    yield of_more_policies()
    yield cold()
    yield from many()


def warm() -> Iterator[Row]:
    """A whole check of one typical descriptor, warm, against the bare engine asked the same question.

    What reading a document costs is the same for any number of policies; the promise is about the starter pack's.
    """
    descriptor = list(products(20))[-1]
    with tempfile.TemporaryDirectory() as folder, House(read({}, environ={}, folder=Path(folder))) as house:
        as_bytes = {"JSON": ("product.json", as_json(descriptor)), "YAML": ("product.yaml", as_yaml(descriptor))}
        works: dict[str, Callable[[], object]] = {"bare": _bare(house, *as_bytes["JSON"])}
        for name, (file, content) in as_bytes.items():
            submission = Submission(file, Parts({file: content}))
            works[name] = partial(check, submission, house=house)
        times = timed(works)
        for name, target in (("JSON", 1.25), ("YAML", 1.5)):
            size = len(as_bytes[name][1])
            note = f"{milliseconds(times.median(name))} against {milliseconds(times.median('bare'))}, {size} bytes"
            what = f"check {name}, warm / bare regorus, {len(house.bundle.policies)} policies"
            yield Row(what, times.ratio(name, "bare"), target, note=note)


def of_more_policies() -> Row:
    """A check by several times the starter pack, against one by the pack: each of its policies again by other names."""
    content = as_json(list(products(20))[-1])
    submission = Submission("product.json", Parts({"product.json": content}))
    with ExitStack() as stack:
        houses: dict[str, House] = {}
        for name, copies in (("pack", 1), ("more", TIMES_MORE)):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            _write_policies(folder / "policies", copies)
            settings = read({"policies": [str(folder / "policies")]}, environ={}, folder=folder)
            houses[name] = stack.enter_context(House(settings))
        works: dict[str, Callable[[], object]] = {
            name: partial(check, submission, house=house) for name, house in houses.items()
        }
        times = timed(works, runs=5)
        few, more = (len(house.bundle.policies) for house in houses.values())
    note = f"{more} policies, {milliseconds(times.median('more'))} against "
    note += f"{milliseconds(times.median('pack'))} with {few}"
    ratio = times.ratio("more", "pack") * few / more
    return Row("check by more policies / by the pack, per policy", ratio, note=note)


def _write_policies(folder: Path, copies: int) -> None:
    """The starter pack, and each of its policies so many times in all; libraries are there once."""
    shutil.copytree(policies.DIRECTORY, folder)
    for number, id in product(range(2, copies + 1), bundle.load([policies.DIRECTORY]).policies):
        root, category, name = id.split(".")
        there = folder / root / f"{category}{number}" / name
        there.mkdir(parents=True)
        for file in (folder / root / category / name).glob("*.rego"):
            if not file.name.endswith("_test.rego"):
                text = file.read_text().replace(f"package {id}", f"package {root}.{category}{number}.{name}")
                (there / file.name).write_text(text)


def _bare(house: House, file: str, content: bytes) -> Callable[[], object]:
    """regorus in this process: input as text in, answer as text out, parsed once with orjson on either side."""
    import regorus

    _, decision = check(Submission(file, Parts({file: content})), house=house)
    assert decision.effective_input is not None
    document = orjson.dumps(decision.effective_input).decode()
    engine = regorus.Engine()
    for path, module in house.bundle.modules.items():
        engine.add_policy(path, module)
    if query.PATH not in house.bundle.modules:
        raise AssertionError("the bundle carries its query module")

    def asked() -> Any:
        engine.set_input_json(document)
        return orjson.loads(engine.eval_query_as_json(query.REFERENCE))

    return asked


def cold() -> Row:
    """`meshgate check` of one file as a new process, the median of nine."""
    with _folder(1) as folder:
        file = str(next(folder.iterdir()))
        seconds = sorted(_checked([file]) for _ in range(10))[4]
    return Row("check one file, cold, new process", seconds, 0.3, unit=" s")


def many() -> Iterator[Row]:
    """A thousand files on one and two workers."""
    with _folder(FILES) as folder:
        one, two = _checked([str(folder)]), _checked([str(folder), "-j", "2"])
    yield Row(f"check {FILES} files, 1 worker", one, unit=" s")
    yield Row(f"check {FILES} files, 2 workers", two, unit=" s", note=f"{one / two:.2f} times as fast as 1")


@contextmanager
def _folder(count: int) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        for number, descriptor in enumerate(products(count)):
            kind, content = (".yaml", as_yaml(descriptor)) if number % 2 else (".json", as_json(descriptor))
            (Path(name) / f"product-{number}{kind}").write_bytes(content)
        yield Path(name)


def _checked(arguments: list[str]) -> float:
    command = [str(Path(sys.executable).parent / "meshgate"), "check", "--quiet", "--format", "json", *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    begun = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, env=environment, check=False)
    seconds = time.perf_counter() - begun
    if done.returncode not in (0, 1):
        raise AssertionError(f"{command} ended with {done.returncode}")
    return seconds
