"""Does the adapter `dbt` make tables, tests them before they are seen, and keep every promise?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.errors import PlanInvalid
from engine.provision.adapters.dbt import DbtTransformation
from engine.provision.adapters.dbt_running import Dbt, Failed
from engine.provision.adapters.local_place import fenced
from engine.provision.kit.adopting import PROMISES as OF_ADOPTING
from engine.provision.kit.case import Case, Trial
from engine.provision.kit.trying import Kept, one, tried
from engine.provision.registry import Registry

JOB = {"kind": "application", "name": "fill", "platform": "local:dbt", "type": "batch-transformation"}
BY_HAND = """
import json, sys, duckdb
with duckdb.connect(json.load(sys.stdin)["outputs"]["file"]) as connection:
    connection.execute("INSERT INTO made.daily VALUES ('by hand', 0)")
"""


RAW = "select * from (values ('a', 1), ('b', 2)) told(id, amount)"


def job(sql: str = "select id, amount from {{ ref('raw') }}") -> dict[str, Any]:
    daily = {"sql": sql, "columns": {"id": ["unique", "not_null"]}}
    return {"x-dbt": {"models": {"daily": daily, "raw": {"sql": RAW, "materialized": "ephemeral"}}}}


SECOND = job("select id, amount, amount * 2 as twice from {{ ref('raw') }}")


@pytest.fixture
def config(dbt_binary: str, tmp_path: Path) -> dict[str, Any]:
    return {"directory": str(tmp_path / "made"), "dbt": dbt_binary}


@pytest.fixture
def case(config: dict[str, Any]) -> Case:
    made: Callable[[], Any] = lambda: DbtTransformation(config)  # noqa: E731
    return Case("dbt", made, JOB, (job(), SECOND), tamper=(sys.executable, "-c", BY_HAND))


def rows(outputs: dict[str, Any], table: str = "daily") -> list[Any]:
    import duckdb

    with duckdb.connect(outputs["file"], read_only=True) as connection:
        return connection.execute(f"SELECT * FROM {outputs['schema']}.{table} ORDER BY 1").fetchall()


def wanted(trial: Trial, definition: dict[str, Any], generation: int = 1, **more: Any) -> dict[str, Any]:
    return {**trial.request(generation), "definition": {**definition, "name": "fill"}, **more}


def refusal(told: dict[str, Any]) -> tuple[str, str]:
    return told["error"]["class"], told["error"]["message"]


@pytest.mark.long
def test_it_keeps_every_promise(case: Case) -> None:
    results = list(tried(case))
    assert [told for told in results if told.kept is Kept.BROKEN] == []
    assert [told.promise for told in results if told.kept is Kept.SKIPPED] == [
        "access is the full set that was asked for: it grows, shrinks and ends",
        *OF_ADOPTING,
        "what it builds is built once, and named by its content",
    ]


@pytest.mark.parametrize(
    "says",
    [
        "it says what it is, and that it speaks upp/1",
        "what was never made is absent, and can be removed",
        "what was changed by hand is seen as drift, and apply mends it",
    ],
)
def test_it_keeps_this_promise(case: Case, says: str) -> None:
    assert one(says, case)[1:] == (Kept.KEPT, "")


def test_a_new_version_makes_the_tables_anew_and_what_fails_its_tests_is_never_seen(
    case: Case, config: dict[str, Any]
) -> None:
    trial, adapter = case.trial(), DbtTransformation(config)
    first = trial.apply(1)
    assert (first["outputs"]["views"], rows(first["outputs"])) == (["daily"], [("a", 1), ("b", 2)])
    broken = wanted(trial, job("select 'a' as id, 1 as amount union all select 'a', 2"), 2)
    error, message = refusal(adapter.apply(broken))
    assert (error, "unique_daily_id" in message) == ("INVALID", True)
    assert trial.observe() == first
    assert rows(first["outputs"]) == [("a", 1), ("b", 2)]
    second = trial.apply(3, second=True)
    assert rows(second["outputs"]) == [("a", 1, 2), ("b", 2, 4)]
    assert trial.apply(3, second=True) == second, "the same generation is not run again"
    record = Path(second["outputs"]["file"]).with_name("manifest.json")
    good = record.read_text()
    record.write_text("{")
    assert trial.observe()["generation"] == 0, "a damaged record is drift"
    record.write_text(good)
    kept = trial.destroy(4, "retain")
    assert (kept["retained"], rows(kept["outputs"])) == (True, [("a", 1, 2), ("b", 2, 4)])
    assert trial.destroy(5) == {"state": "absent"}
    assert not Path(first["outputs"]["file"]).exists()


def test_it_reads_what_it_depends_on_and_an_incremental_model_keeps_what_it_had(
    case: Case, config: dict[str, Any], tmp_path: Path
) -> None:
    import duckdb

    store = tmp_path / "store.duckdb"
    with duckdb.connect(str(store)) as connection:
        connection.execute('CREATE SCHEMA s; CREATE TABLE s."in come" AS SELECT 1 AS id')
    told = {"models": {"daily": {"sql": "select id from {{ source('store', 'in come') }}",
                                 "materialized": "incremental"}}, "sources": {"store": ["in come"]}}  # fmt: skip
    trial, adapter = case.trial(), DbtTransformation(config)
    asked = wanted(trial, {"x-dbt": told})
    assert adapter.validate(asked) == {"issues": []}
    assert adapter.plan(asked, None)["reason"] == "nothing is there; dbt makes daily"
    assert refusal(adapter.apply(asked))[0] == "DEPENDENCY_NOT_READY"
    resolved = {"urn:x:infrastructure:store": {"file": str(store), "schema": "s"}}
    for generation in (1, 2):
        outputs = adapter.apply({**asked, "resolved": resolved, "generation": generation})["observation"]["outputs"]
    assert rows(outputs) == [(1,), (1,)]
    trial.destroy(3)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "nothing to make": ({}, "x-dbt.models"),
    "a name that leads out": ({"x-dbt": {"models": {"../x": "select 1"}}}, "cannot be a name"),
    "no SQL": ({"x-dbt": {"models": {"a": {"sql": 7}}}}, "no text"),
    "something that there is not": ({"x-dbt": {"models": {"a": "select 1"}, "macros": {}}}, "has no macros"),
    "a view": ({"x-dbt": {"models": {"a": {"sql": "select 1", "materialized": "view"}}}}, "no way to keep"),
}


@pytest.mark.parametrize(("definition", "says"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_read_is_told_without_running_anything(
    tmp_path: Path, definition: dict[str, Any], says: str
) -> None:
    adapter = DbtTransformation({"directory": str(tmp_path / "made"), "dbt": "/bin/false"})
    trial = Trial(Case("dbt", lambda: adapter, JOB, ({}, {})), {**JOB, "fqn": "x:fill"}, "0" * 8)
    told = adapter.validate(wanted(trial, definition))["issues"]
    assert [says in issue["message"] for issue in told] == [True]
    assert refusal(adapter.apply(wanted(trial, definition)))[0] == "INVALID"


REFUSED = {
    "a view of its own accord": ("{{ config(materialized='view') }} select 1 as id", "sets itself to be a view"),
    "another schema": ("{{ config(schema='main') }} select 1 as id", "another schema or alias"),
    "an unknown model": ("select * from {{ ref('nowhere') }}", "nowhere"),
}


@pytest.mark.long
@pytest.mark.parametrize(("sql", "says"), REFUSED.values(), ids=REFUSED)
def test_what_dbt_does_not_understand_is_an_issue_before_anything_is_made(
    case: Case, config: dict[str, Any], sql: str, says: str
) -> None:
    told = DbtTransformation(config).validate(wanted(case.trial(), job(sql)))["issues"]
    assert [(says in issue["message"], issue["path"]) for issue in told] == [(True, "/definition/x-dbt")]
    assert not Path(config["directory"]).exists()


def test_nothing_of_this_machine_is_within_reach_of_a_model(
    case: Case, config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIT_SECRET", "not-for-models")
    trial, adapter = case.trial(), DbtTransformation(config)
    sql = "select '{{ env_var('KIT_SECRET') }}' as id"
    issues = adapter.validate(wanted(trial, job(sql)))["issues"]
    assert "not-for-models" not in str(issues)
    assert "Env var required but not provided: 'KIT_SECRET'" in issues[0]["message"]
    sql = "select content as id from read_text('/etc/hostname')"
    error, message = refusal(adapter.apply(wanted(trial, job(sql))))
    assert (error, "disabled" in message) == ("INVALID", True)


def test_a_run_whose_worker_died_holds_the_lock_until_it_ends(
    case: Case, config: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "slow"
    slow.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\nexec sleep 60\n")
    slow.chmod(0o755)
    trial = case.trial()
    request = wanted(trial, job())
    script = ("import json, sys\nfrom engine.provision.adapters.dbt import DbtTransformation\n"
              "DbtTransformation(json.loads(sys.argv[1])).apply(json.loads(sys.argv[2]))")  # fmt: skip
    told = [json.dumps({**config, "dbt": str(slow)}), json.dumps(request)]
    worker = subprocess.Popen([sys.executable, "-c", script, *told], cwd=Path(__file__).parents[3])
    until = time.monotonic() + 60
    while not (tmp_path / "started").exists() and time.monotonic() < until:
        time.sleep(0.02)
    worker.kill()
    worker.wait()
    monkeypatch.setattr("engine.provision.adapters.dbt.PATIENCE", 0.2)
    try:
        assert refusal(DbtTransformation(config).apply(request)) == ("TRANSIENT", "an earlier run of it goes on")
    finally:
        _end(slow)
    with fenced(Path(config["directory"]), request, patience=20):
        pass


def _end(script: Path) -> None:
    """Kill the orphan, which is the only process in the folder of this test."""
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        try:
            inside = Path(os.readlink(entry)).is_relative_to(script.parent)
        except OSError:
            continue
        if inside:
            os.kill(int(entry.parent.name), 9)


def test_a_run_that_takes_too_long_dies_and_says_so(tmp_path: Path) -> None:
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nsleep 60\n")
    slow.chmod(0o755)
    with pytest.raises(Failed, match=r"did not end within 0\.2 s") as late:
        Dbt(str(slow), 0.2).ran("build", tmp_path)
    assert late.value.error_class == "TIMEOUT"


def test_its_environment_is_empty_and_it_tells_nobody_that_it_ran(tmp_path: Path) -> None:
    told = tmp_path / "told"
    script = tmp_path / "telling"
    script.write_text(f'#!/bin/sh\n/usr/bin/env > {told}\necho "$@" >> {told}\n')
    script.chmod(0o755)
    Dbt(str(script), 20).ran("parse", tmp_path)
    lines = told.read_text().splitlines()
    names = {line.partition("=")[0] for line in lines[:-1]} - {"PWD", "SHLVL", "_", "OLDPWD"}
    assert names == {"DO_NOT_TRACK", "HOME", "LANG", "PATH"}
    assert lines[-1].startswith("--no-send-anonymous-usage-stats")


def test_without_dbt_the_reason_says_what_to_install(tmp_path: Path) -> None:
    nowhere = {"directory": str(tmp_path), "dbt": str(tmp_path / "dbt")}
    with pytest.raises(PlanInvalid, match="dbt is not installed here"):
        Registry.installed().adapter("dbt", nowhere)
