"""Does a catalog of a million products answer as quickly as one of ten thousand?

Run it by `python -m benchmarks --long million`. Synthetic catalogs of three sizes on each store are loaded by
`meshgate db load` from what `benchmarks.synthetic` makes up. What is asked finds the same number of things in each: a
page that is larger costs more on any catalog. Without `--long` all three are ten times smaller.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from api.auth.permissions import LOCAL
from api.flows.submit import submit
from api.settings import read
from api.wiring import House
from benchmarks import catalogs
from benchmarks.meshes import as_json, products
from benchmarks.synthetic import Made
from benchmarks.timing import Row, Work, milliseconds, timed
from engine.descriptor import Parts, Submission

SIZES = (10_000, 100_000, 1_000_000)
MATCHES = (300, 1000)
"""How many products a word has that is asked for at every size."""

NEIGHBOURS = (2, 2)
"""How many products the one whose lineage is asked for reads, and is read by."""

ROUNDS, RUNS, WARM_UP = 15, 4, 3


def rows() -> Iterator[Row]:
    sizes = SIZES if "--long" in sys.argv else tuple(size // 10 for size in SIZES)
    for store, make in catalogs.STORES.items():
        with ExitStack() as stack:
            houses: dict[int, House] = {}
            for size in sizes:
                url, folder = stack.enter_context(make()), stack.enter_context(tempfile.TemporaryDirectory())
                yield Row(f"loading {size:,} products, {store}", _loaded(url, folder, size), unit=" s")
                houses[size] = stack.enter_context(House(read({"database_url": url}, environ={}, folder=Path(folder))))
            yield from _compared(houses, store)


def _loaded(url: str, folder: str, size: int) -> float:
    """Seconds of the whole load, which makes the records up beside it."""
    where = ["--database-url", url, "--data-dir", folder]
    subprocess.run([catalogs.MESHGATE, "db", "create", "--benchmarks", *where], check=True, stdout=subprocess.DEVNULL)
    made = [sys.executable, "-m", "benchmarks.synthetic", str(size)]
    begun = time.perf_counter()
    catalogs.poured(made, url, folder)
    return time.perf_counter() - begun


def _compared(houses: Mapping[int, House], store: str) -> Iterator[Row]:
    small, middle, large = houses
    common = {size: _common_word(house, size) for size, house in houses.items()}
    yield _row(
        "search, a word of as many", {size: _search(houses[size], *common[size]) for size in (small, large)}, store, 2.0
    )
    read_by = {size: _lineage(houses[size], size) for size in (small, large)}
    yield _row("lineage up and down", read_by, store, 2.0)
    yield _row("submit", {size: _submit(houses[size]) for size in (small, large)}, store, 2.0)
    head = Made(1).vocabulary[0]
    yield _row(
        "search, the commonest word", {size: _search(houses[size], head, 0) for size in (middle, large)}, store, 3.0
    )


def _row(what: str, works: Mapping[int, tuple[Work, str]], store: str, target: float) -> Row:
    times = timed({str(size): work for size, (work, _) in works.items()}, rounds=ROUNDS, runs=RUNS, warm_up=WARM_UP)
    small, large = works
    note = ", ".join(f"{milliseconds(times.median(str(size)))} {told}" for size, (_, told) in works.items())
    name = f"{what}: {large:,} / {small:,} products, {store}"
    return Row(name, times.ratio(str(large), str(small)), target, note=note)


def _common_word(house: House, size: int) -> tuple[str, int]:
    """A word that so few products have; words grow rarer along the vocabulary, but for chance."""

    def matches(word: str) -> int:
        page = house.search.page(word, principal=LOCAL, first=1)
        return page.total if page.exact else size

    words = Made(1).vocabulary
    first = bisect_left(words, -MATCHES[1], key=lambda word: -matches(word))
    for word in words[first:]:
        if MATCHES[0] <= (found := matches(word)) <= MATCHES[1]:
            return word, found
    raise AssertionError(f"no word of {size} products is neither common nor rare")


def _search(house: House, word: str, matches: int) -> tuple[Work, str]:
    return lambda: house.search.page(word, principal=LOCAL, first=50), f"of {matches} matches" if matches else ""


def _lineage(house: House, size: int) -> tuple[Work, str]:
    """Of a product in the middle that has as many neighbours at every size."""
    made = Made(1)
    for number in range(size // 2, size):
        fqn = made.fqn(number)
        product = house.products.find(fqn, principal=LOCAL)
        assert product is not None
        up = house.lineage.upstream([product.id], principal=LOCAL)[product.id]
        down = house.lineage.downstream([product.id], principal=LOCAL)[product.id]
        if (len(up), len(down)) == NEIGHBOURS:
            return partial(house.lineage.around, fqn, principal=LOCAL), ""
    raise AssertionError("no product has so many neighbours")


def _submit(house: House) -> tuple[Work, str]:
    needed = ROUNDS * RUNS + WARM_UP
    fresh = iter([as_json(one) for one in products(needed, seed=7)])
    return lambda: submit(
        Submission("product.json", Parts({"product.json": next(fresh)})), principal=LOCAL, house=house
    ), ""
