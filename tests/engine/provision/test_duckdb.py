"""Does the adapter `duckdb` keep every promise, its data, and what its files must not reach?"""

from __future__ import annotations

import importlib.util
import sys
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.errors import PlanInvalid
from engine.provision.adapters.duckdb import DuckDb
from engine.provision.adapters.duckdb_file import DuckDbFile
from engine.provision.kit.adopting import PROMISES as OF_ADOPTING
from engine.provision.kit.case import Case, Trial
from engine.provision.kit.trying import Kept, tried
from engine.provision.registry import Registry

ACCESS = "access is the full set that was asked for: it grows, shrinks and ends"
BUILDS = "what it builds is built once, and named by its content"

BY_HAND = """
import json, sys, duckdb
out = json.load(sys.stdin)["outputs"]
with duckdb.connect(out["file"]) as connection:
    schema = '"' + out["schema"] + '"'
    connection.execute(f"ALTER TABLE {schema}.\\"" + out["views"][0] + "__data\\" ADD COLUMN by_hand VARCHAR")
"""
UNLABELLED = """
import json, sys, duckdb
with duckdb.connect(json.load(sys.stdin)["outputs"]["file"]) as connection:
    connection.execute("UPDATE meshgate.meshgate_upp SET labels = '{}'")
"""


def port(*columns: dict[str, Any]) -> dict[str, Any]:
    table = {"name": "orders", "definition": {"columns": list(columns)}}
    return {"promises": {"api": {"definition": {"datastoreapi": "1.0.0", "schema": {"tables": [table]}}}}}


ID = {"name": "id", "dataType": "VARCHAR(36)", "columnConstraint": "PRIMARY_KEY"}
AMOUNT = {"name": "amount", "dataType": "NUMBER(10,2)"}
PORT = {"kind": "outputport", "name": "orders", "platform": "local:duckdb", "type": "datastoreapi"}
STORE = {"kind": "infrastructure", "name": "store", "platform": "local:duckdb", "type": "storage-resource"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "made"


def of_port(folder: Path) -> Case:
    definitions = (port(ID), port(ID, AMOUNT))
    return Case("duckdb", lambda: DuckDb({"directory": str(folder)}), PORT, definitions,
                tamper=(sys.executable, "-c", BY_HAND))  # fmt: skip


def opened(trial: Trial) -> DuckDbFile:
    return DuckDbFile(Path(trial.observe()["outputs"]["file"]))


def test_it_keeps_every_promise_for_an_output_port(folder: Path) -> None:
    results = list(tried(of_port(folder)))
    assert [one for one in results if one.kept is Kept.BROKEN] == []
    assert [one.promise for one in results if one.kept is Kept.SKIPPED] == [ACCESS, *OF_ADOPTING, BUILDS]


def test_it_keeps_every_promise_for_a_storage(folder: Path) -> None:
    made: Callable[[], Any] = lambda: DuckDb({"directory": str(folder)})  # noqa: E731
    case = Case("duckdb", made, STORE, ({"size": 1}, {"size": 2}), tamper=(sys.executable, "-c", UNLABELLED))
    results = list(tried(case))
    assert [one for one in results if one.kept is Kept.BROKEN] == []
    assert [one.promise for one in results if one.kept is Kept.SKIPPED] == [ACCESS, *OF_ADOPTING, BUILDS]


def test_data_outlives_a_new_definition_and_a_removal_with_retain(folder: Path) -> None:
    trial = of_port(folder).trial()
    trial.apply(1, second=True)
    with opened(trial) as file:
        file._run(f"INSERT INTO {table_of_open(file, trial)} VALUES ('a', 1.5)")
    trial.apply(2)
    kept = trial.destroy(3, "retain")
    assert (kept["state"], kept["retained"], kept["generation"], kept["outputs"]["views"]) == ("present", True, 3, [])
    again = trial.apply(4, second=True)
    assert not again["retained"]
    with opened(trial) as file:
        view = f'"{again["outputs"]["schema"]}"."{again["outputs"]["views"][0]}"'
        assert [(one[0], float(one[1])) for one in file._run(f"SELECT * FROM {view}")] == [("a", 1.5)]
    assert trial.destroy(5)["state"] == "absent"


def table_of_open(file: DuckDbFile, trial: Trial) -> str:
    """The table with the data; there is one schema of the trial in the file."""
    row = file.rows()[0]
    name = next(one["name"] for one in file.relations(row.schema) if one["type"] == "BASE TABLE")
    return f'"{row.schema}"."{name}"'


def test_data_that_does_not_fit_a_new_type_is_a_conflict_and_nothing_is_changed(folder: Path) -> None:
    trial = of_port(folder).trial()
    first = trial.apply(1)
    with opened(trial) as file:
        file._run(f"INSERT INTO {table_of_open(file, trial)} VALUES ('no number')")
    asked = {**trial.request(2), "definition": port({"name": "id", "type": "integer"})}
    told = DuckDb({"directory": str(folder)}).apply(asked)
    assert (told["state"], told["error"]["class"]) == ("failed", "CONFLICT")
    assert trial.observe() == first
    assert trial.apply(1) == first, "the generation that failed was not remembered"


def test_two_components_of_a_container_share_its_file_and_go_one_by_one(folder: Path) -> None:
    first, container = of_port(folder).trial(), str(uuid.uuid4())
    one = replace(first, container=container)
    other = replace(of_port(folder).trial(), container=container)
    seen = [one.apply(1), other.apply(1)]
    assert len({told["outputs"]["file"] for told in seen}) == 1
    one.destroy(2)
    assert other.observe() == seen[1]


@pytest.mark.parametrize(
    "sql",
    ["COPY (SELECT 1) TO '{0}/leak.csv'", "SELECT * FROM read_text('/etc/hostname')", "ATTACH '{0}/other.db'",
     "INSTALL httpfs", "SET enable_external_access = true"],
)  # fmt: skip
def test_nothing_in_a_file_reaches_what_is_outside_of_it(folder: Path, sql: str) -> None:
    import duckdb

    trial = of_port(folder).trial()
    trial.apply(1)
    with opened(trial) as file, pytest.raises(duckdb.Error):
        file._run(sql.format(folder))


def test_columns_may_be_called_anything(folder: Path) -> None:
    names = ['"; DROP SCHEMA main; --', "a'b", "select", "ä ö\u202e", "x" * 200, "%s{0}"]
    trial = of_port(folder).trial()
    told = DuckDb({"directory": str(folder)}).apply(
        {**trial.request(), "definition": port(*({"name": one, "type": "text"} for one in names))}
    )
    assert told["state"] == "done"
    with opened(trial) as file:
        assert [one[0] for one in file.relations(file.rows()[0].schema)[0]["columns"]] == names


def test_a_file_that_is_a_link_or_no_database_is_left_alone(folder: Path) -> None:
    trial, adapter = of_port(folder).trial(), DuckDb({"directory": str(folder)})
    place = Path(trial.apply(1)["outputs"]["file"])
    place.write_text("no database")
    assert adapter.observe(trial.request())["state"] == "unknown"
    assert adapter.apply(trial.request())["state"] == "failed"
    place.rename(folder / "elsewhere")
    place.symlink_to(folder / "elsewhere")
    assert adapter.observe(trial.request())["state"] == "unknown"
    assert adapter.apply(trial.request())["error"]["class"] == "TRANSIENT"
    assert place.read_text() == "no database"


def test_without_the_package_the_reason_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "engine.provision.adapters.duckdb.find_spec", lambda name: None if name == "duckdb" else found(name)
    )
    with pytest.raises(PlanInvalid, match=r"not installed here.*meshgate\[duckdb\]"):
        Registry.installed().adapter("duckdb", {"directory": "/nowhere"})
