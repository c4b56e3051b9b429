"""Does a worker, or an executable of a dead worker, that wakes up in the middle of a call change anything?

Somebody else has taken over and gone on to the next version meanwhile. What is fenced are the real adapters.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import zombie_worker
from deploy_stage import Stage, document, wait_for
from dying_worker import Diary

ROOT = Path(zombie_worker.__file__).resolve().parent.parent
PATHS = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
ID = {"name": "id", "dataType": "VARCHAR(36)"}
AMOUNT = {"name": "amount", "dataType": "NUMBER(10,2)"}


def with_table(version: str, *columns: dict[str, str]) -> dict[str, Any]:
    """A product of a store and a port with one table."""
    content = document(version)
    content["internalComponents"]["applicationComponents"] = []
    table = {"name": "orders", "definition": {"columns": [*columns]}}
    definition = {"datastoreapi": "1.0.0", "schema": {"tables": [table]}}
    api = {"name": "orders", "version": version, "specification": "datastoreapi", "definition": definition}
    content["interfaceComponents"]["outputPorts"][0]["promises"]["api"] = api
    return content


@pytest.fixture
def world(postgresql_url: str) -> Iterator[str]:
    """Where the adapter makes tables: beside the catalog here; its roles end with the test."""
    plain = postgresql_url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(plain, autocommit=True) as connection:
        before = {one for (one,) in connection.execute("SELECT rolname FROM pg_roles")}
        yield plain
        for (one,) in connection.execute("SELECT rolname FROM pg_roles").fetchall():
            if one not in before:
                named = psycopg.sql.Identifier(one)
                connection.execute(psycopg.sql.SQL("DROP OWNED BY {} CASCADE").format(named))
                connection.execute(psycopg.sql.SQL("DROP ROLE {}").format(named))


def configured(kind: str, folder: Path, diary: Diary, world: str) -> dict[str, Any]:
    if kind == "postgresql":
        return {"dsn": world, "create_principals": True}
    if kind == "command":
        script = str(ROOT / "tests" / "zombie_command.py")
        paths = f"import sys; sys.path[:0] = {PATHS['PYTHONPATH'].split(os.pathsep)!r}; "
        run = f"import runpy; runpy.run_path({script!r}, run_name='__main__')"
        return {"command": [sys.executable, "-c", paths + run, str(folder), str(diary.path)]}
    return {"directory": str(folder)}


@contextmanager
def zombie(
    url: str, folder: Path, diary: Diary, kind: str, config: dict[str, Any]
) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, zombie_worker.__file__, url, str(folder), str(diary.path), kind, json.dumps(config)]
    process = subprocess.Popen(command, env=os.environ | PATHS, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def seen(stage: Stage, container_id: str) -> Any:
    """What the record says, and what the adapter sees in the world."""
    container = stage.container(container_id)
    with stage.site.writing() as book:
        resources = book.resources(container_id)
    looked = [stage.site.adapter(one["adapter"], one["request"]).observe(dict(one["request"])) for one in resources]
    return container, stage.feed(), looked


@pytest.mark.parametrize("kind", ["local-fs", "duckdb", "postgresql", "command"])
def test_who_wakes_up_after_its_deployment_was_taken_over_changes_nothing(
    postgresql_url: str, world: str, tmp_path: Path, kind: str
) -> None:
    folder, diary = tmp_path / "containers", Diary(tmp_path / "diary")
    config = configured(kind, folder, diary, world)
    stage = zombie_worker.staged(postgresql_url, folder, kind, config)
    try:
        stage.accept(with_table("1.0.0", ID))
        stage.accept(with_table("1.1.0", ID, AMOUNT))
        asked = stage.ask()
        with zombie(postgresql_url, folder, diary, kind, config) as late:
            wait_for(lambda: "paused" in diary.lines(), "the pause")
            late.send_signal(signal.SIGKILL if kind == "command" else signal.SIGSTOP)
            with stage.working():
                assert stage.ended(asked.deployment_id)["state"] == "succeeded"
                assert stage.ended(stage.ask("1.1.0").deployment_id)["state"] == "succeeded"
                before = seen(stage, asked.container_id)
                Path(f"{folder}.go").touch()
                late.send_signal(signal.SIGCONT)
                told = wait_for(lambda: [one for one in diary.lines() if one.startswith("late")], "the late call")
                assert "STALE_GENERATION" in told[0]
                wait_for(lambda: stage.worker.oldest_waiting() is None, "an empty queue")
                assert seen(stage, asked.container_id) == before
        assert {one["state"] for one in before[2]} == {"present"}
        assert {one["state"] for one in before[0]["resources"]} == {"ready"}
    finally:
        stage.close()


def test_a_rescuer_that_is_frozen_keeps_nobody_else_from_rescuing(postgresql_url: str) -> None:
    from api.worker.lease import FROZEN_SECONDS, Leases
    from api.worker.store import engine_of

    frozen, other = (Leases(engine_of(postgresql_url), seconds=0.1) for _ in range(2))
    holding = frozen.exclusive()
    assert holding.__enter__() is True

    def taken() -> bool:
        with other.exclusive() as mine:
            return mine

    assert not taken()
    wait_for(taken, "the end of its transaction", seconds=FROZEN_SECONDS + 60)
    with pytest.raises(Exception, match=r"idle-in-transaction|terminat|closed"):
        holding.__exit__(None, None, None)
    for one in (frozen, other):
        one._engine.dispose()
