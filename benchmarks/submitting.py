"""What does a submission cost beside the check of the same document and two bare commits?"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text

from api.auth.permissions import LOCAL
from api.flows.check import check
from api.flows.submit import submit
from api.settings import read
from api.wiring import House
from benchmarks import catalogs
from benchmarks.meshes import as_json, products
from benchmarks.timing import Row, Work, milliseconds, timed
from engine.descriptor import Parts, Submission

ROUNDS, RUNS, WARM_UP = 15, 4, 3


def rows() -> Iterator[Row]:
    for store, make in catalogs.STORES.items():
        with tempfile.TemporaryDirectory() as folder, make() as url:
            settings = read({"database_url": url}, environ={}, folder=Path(folder))
            with catalogs.opened(url) as database, House(settings) as house:
                catalogs.filled(database, 200)
                yield _row(store, house)


def _row(store: str, house: House) -> Row:
    """Every run submits another product, so that each is stored; the check has the catalog's facts too."""
    needed = 2 * (ROUNDS * RUNS + WARM_UP)
    documents = [as_json(one) for one in products(needed, seed=7)]
    fresh = iter(documents)
    again = itertools.cycle(documents)

    def one(content: bytes) -> Submission:
        return Submission("product.json", Parts({"product.json": content}))

    works: dict[str, Work] = {
        "submit": lambda: submit(one(next(fresh)), principal=LOCAL, house=house),
        "check": lambda: check(one(next(again)), house=house, catalog=True),
        "commits": two_commits(house, documents[0]),
    }
    times = timed(works, rounds=ROUNDS, runs=RUNS, warm_up=WARM_UP)
    note = f"{milliseconds(times.median('submit'))} against {milliseconds(times.median('check'))} + "
    note += milliseconds(times.median("commits"))
    return Row(
        f"submit / (check with facts + two bare commits), {store}",
        times.ratio("submit", "check", "commits"),
        1.3,
        note=note,
    )


def two_commits(house: House, content: bytes) -> Work:
    """Two transactions that each store a document's bytes in a table without an index."""
    with house.database.bind.begin() as connection:
        kind = "BYTEA" if house.database.dialect == "postgresql" else "BLOB"
        connection.execute(text(f"CREATE TABLE bare_commit (content {kind})"))
    insert = text("INSERT INTO bare_commit VALUES (:content)")

    def committed() -> None:
        for _ in range(2):
            with house.database.bind.begin() as connection:
                connection.execute(insert, {"content": content})

    return committed
