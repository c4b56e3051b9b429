"""Does every bound of a sample end it, and is nothing left of it then?"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sampled

from engine.sampling.asking import reading
from engine.sampling.cells import cell
from engine.sampling.contract import Caps, Failure, Place, SourceFailed
from engine.sampling.masking import Masking
from engine.sampling.rules import Treatment
from engine.sampling.sample import table

ENDLESS = "WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) SELECT count(*) AS id FROM n"


def children() -> set[str]:
    return set((Path("/proc/self/task") / str(os.getpid()) / "children").read_text().split())


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    before, threads = children(), set(threading.enumerate())
    yield
    assert children() <= before
    for timer in set(threading.enumerate()) - threads:
        timer.join(2)
    assert set(threading.enumerate()) <= threads


def test_a_source_that_never_ends_is_stopped(tmp_path: Path) -> None:
    sampled.sqlite(tmp_path / "orders.db", f"CREATE VIEW orders AS {ENDLESS}")
    assert sampled.failure({"root": str(tmp_path)}, caps=Caps(seconds=1))[0] is Failure.SECONDS


def test_duckdb_is_interrupted_when_the_time_is_over(tmp_path: Path) -> None:
    sampled.parquet(tmp_path / "orders.parquet", "SELECT 1 AS id")
    from engine.sampling.connectors.files import Files

    place = {
        "configuration": {"root": str(tmp_path)},
        "dataset": "orders",
        "port": "",
        "seconds": 0.3,
        "memory_mib": 64,
    }
    duck: Any = Files(place)._source
    with pytest.raises(TimeoutError):
        duck._asked("SELECT count(*) FROM range(100000000000), (SELECT $files)")
    assert duck._asked("SELECT 1, len($files)") == [(1, 1)]


def test_a_value_larger_than_the_memory_is_a_limit_and_no_crash(tmp_path: Path) -> None:
    sampled.parquet(tmp_path / "orders.parquet", "SELECT repeat('x', 90000000) AS text")
    assert sampled.failure({"root": str(tmp_path)}, caps=Caps(memory_mib=48))[0] is Failure.MEMORY


def test_a_value_that_a_view_makes_up_is_bounded_too(tmp_path: Path) -> None:
    sampled.sqlite(tmp_path / "orders.db", "CREATE VIEW orders AS SELECT zeroblob(900000000) AS bytes")
    assert sampled.failure({"root": str(tmp_path)})[0] in (Failure.MEMORY, Failure.FAILED)


def test_leaving_early_ends_the_process(tmp_path: Path) -> None:
    sampled.sqlite(tmp_path / "orders.db", f"CREATE VIEW orders AS {ENDLESS}")
    with reading(Place("duckdb", {"root": str(tmp_path)}, "orders", ""), Caps(seconds=60)) as source:
        source.columns()


def test_too_many_columns_are_no_columns(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text(",".join(f"c{number}" for number in range(2_001)) + "\n", "utf-8")
    with pytest.raises(SourceFailed):
        sampled.read({"root": str(tmp_path)})


SHOW = Masking({"id": Treatment.SHOW, "text": Treatment.SHOW})


def test_rows_beyond_those_asked_for_are_told_and_not_shown() -> None:
    rows = [[number, "x"] for number in range(6)]
    assert table(iter(rows), SHOW, rows=5, caps=Caps()).truncated.rows
    found = table(iter(rows[:5]), SHOW, rows=5, caps=Caps())
    assert (len(found.rows), found.truncated.rows, found.truncated.bytes) == (5, False, False)


def test_the_answer_ends_before_its_bytes_are_too_many() -> None:
    caps = Caps(bytes=1_000)
    found = table(iter([[number, "ü" * 100] for number in range(50)]), SHOW, rows=50, caps=caps)
    assert (len(found.rows), found.truncated.rows, found.truncated.bytes) == (4, True, True)
    assert found.bytes <= caps.bytes


def test_a_first_row_that_is_too_large_leaves_no_row() -> None:
    found = table(iter([[1, "x" * 500]]), SHOW, rows=5, caps=Caps(bytes=100))
    assert (found.rows, found.truncated.bytes) == ((), True)


def test_long_values_are_cut_and_counted() -> None:
    found = table(iter([["x" * 11, "y" * 10]]), SHOW, rows=5, caps=replace(Caps(), cell=10))
    assert (found.rows, found.truncated.cells) == ((("x" * 10 + "…", "y" * 10),), 1)


def test_what_python_has_and_json_has_not_is_told_as_text() -> None:
    told = [float("nan"), float("-inf"), 2**53, -(2**53) + 1, b"\x00\xff", "\ud800", "a\0b", [1, {"k": b"\x01"}]]
    assert [cell(one, 16) for one in told] == [
        "nan",
        "-inf",
        "9007199254740992",
        -9007199254740991,
        "0x00ff",
        "?",
        "a\0b",
        '[1, {"k": "0x01"}]'[:17],
    ]


def test_a_value_that_holds_itself_ends() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert len(str(cell(endless, 100))) <= 101
