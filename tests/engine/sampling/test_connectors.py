"""Are connectors of others found, kept apart, and stopped where they misbehave?"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import sampled

from engine.sampling.contract import Caps, Failure
from engine.sampling.registry import connectors, report

MODULE = '''
import os, sys, time

class Numbers:
    """A connector as others write it: nothing of meshgate is imported."""

    def __init__(self, place):
        self.told = place["configuration"]
        if "fail" in self.told:
            raise {"value": ValueError, "key": KeyError, "connection": ConnectionError}[self.told["fail"]]("why")

    def columns(self):
        print("a library that talks")
        return [{"name": name, "type": "int"} for name in self.told.get("names", ["n", "square"])]

    def rows(self, names, rows, cell):
        mood = self.told.get("mood")
        if mood == "crash":
            os.abort()
        if mood == "hang":
            while True:
                try:
                    time.sleep(60)
                except BaseException:
                    pass
        if mood == "short":
            yield [1]
        if mood == "write":
            open(self.told["file"], "w").write("x" * 100000)
        if mood == "leak":
            raise ValueError("the secret is swordfish")
        if mood == "environment":
            yield [str(dict(os.environ)), os.getcwd()]
            return
        for number in range(10**9):
            yield [{"n": number, "square": number * number}[name] for name in names]
'''


@pytest.fixture(autouse=True)
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connectors as distributions of others bring them."""
    site = tmp_path / "site"
    for name, points in {
        "numbers": "numbers = numbers_connector:Numbers\nduckdb = numbers_connector:Numbers",
        "broken": "broken = no_such_module:Thing\ntwice = numbers_connector:Numbers",
        "rival": "twice = other_connector:Numbers",
    }.items():
        info = site / f"{name}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[meshgate.connectors]\n{points}\n")
    (site / "numbers_connector.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(site))


def test_a_connector_of_others_is_found_and_read() -> None:
    columns, rows = sampled.read({}, connector="numbers", rows=3)
    assert [one.name for one in columns] == ["n", "square"]
    assert rows == [[0, 0], [1, 1], [2, 4]]
    assert "numbers_connector" not in sys.modules


def test_all_are_listed_and_those_that_cannot_be_used_with_the_reason() -> None:
    told = report()
    assert {"duckdb", "postgresql", "numbers"} <= {name for name, flaw in told.items() if not flaw}
    assert "no_such_module" in told["broken"]
    assert "several installed distributions claim this name" in told["twice"]


def test_none_stands_in_for_one_of_ours() -> None:
    assert connectors()["duckdb"]().__module__ == "engine.sampling.connectors.files"


@pytest.mark.parametrize(
    ("name", "told"), [("broken", "no_such_module"), ("nowhere", "no connector is called nowhere")]
)
def test_one_that_cannot_be_loaded_is_not_installed(name: str, told: str) -> None:
    failure, said = sampled.failure({}, connector=name)
    assert (failure, told in said) == (Failure.NOT_INSTALLED, True)


@pytest.mark.parametrize(
    ("mood", "failure"),
    [("crash", Failure.FAILED), ("hang", Failure.SECONDS), ("short", Failure.FAILED), ("leak", Failure.FAILED)],
)
def test_one_that_misbehaves_harms_nobody_and_tells_nothing(mood: str, failure: Failure) -> None:
    assert sampled.failure({"mood": mood}, connector="numbers", caps=Caps(seconds=1)) == (failure, "")


def test_one_may_write_no_file(tmp_path: Path) -> None:
    file = tmp_path / "written"
    assert sampled.failure({"mood": "write", "file": str(file)}, connector="numbers")[0] is Failure.FAILED
    assert not file.exists() or file.read_bytes() == b""


def test_one_sees_no_environment_and_no_folder_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESHGATE_DATABASE_URL", "postgresql://swordfish")
    _, ((environment, folder),) = sampled.read({"mood": "environment"}, connector="numbers")
    assert ("swordfish" in environment, "HOME" in environment, folder) == (False, False, "/")


def test_two_columns_of_one_name_are_refused_because_masks_go_by_names() -> None:
    assert sampled.failure({"names": ["n", "n"]}, connector="numbers")[0] is Failure.FAILED


@pytest.mark.parametrize(
    ("fails", "failure"),
    [("value", Failure.MISCONFIGURED), ("key", Failure.MISCONFIGURED), ("connection", Failure.UNREACHABLE)],
)
def test_what_is_wrong_with_a_place_is_told_to_operators(fails: str, failure: Failure) -> None:
    found = sampled.failure({"fail": fails}, connector="numbers")
    assert (found[0], "why" in found[1]) == (failure, True)
