"""Does a real server process keep its promises: one winner, one owner of the data, an end in good order?"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2 as httpx
import pytest
from doors import ROOT, SERVE, YAML, a_house, a_server, product

from api.auth.permissions import LOCAL
from api.http.serve import serve
from engine.errors import DataDirectoryBusy


@pytest.fixture(params=["sqlite", "postgresql"])
def flags(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """What a server needs to be told to keep its catalog on each of the stores."""
    if request.param == "sqlite":
        return {}
    url = request.getfixturevalue("postgresql_url")
    with a_house(tmp_path, database_url=url) as house:
        house.database.upgrade()
    return {"database_url": url}


def test_of_sixteen_submissions_at_once_exactly_one_is_201(tmp_path: Path, flags: dict[str, str]) -> None:
    together = threading.Barrier(16)

    def sent(content: bytes) -> tuple[int, str]:
        together.wait()
        got = httpx.post(f"{address}/v1/descriptors", content=content, headers=YAML, timeout=60)
        return got.status_code, got.json()["decision"]

    with a_server(tmp_path, **flags) as (address, _), ThreadPoolExecutor(16) as pool:
        equal = list(pool.map(sent, [product()] * 16))
        others = [product("letters", description=f"Letters of depot {number}.") for number in range(16)]
        different = list(pool.map(sent, others))
    assert sorted(status for status, _ in equal) == [200] * 15 + [201]
    assert sorted(status for status, _ in different) == [201] + [409] * 15
    assert len({decision for _, decision in equal}) == len({decision for _, decision in different}) == 1
    with a_house(tmp_path, **flags) as house:
        kinds = [change.kind for change in house.changes.after(0, principal=LOCAL)]
    assert kinds == ["decision.accepted", "version.accepted"] * 2


def test_a_second_server_is_told_who_owns_the_data(tmp_path: Path) -> None:
    with a_server(tmp_path) as (address, process), a_house(tmp_path) as house:
        with pytest.raises(DataDirectoryBusy) as busy:
            serve(house, port=0)
        assert busy.value.context == {"data_dir": str(tmp_path), "address": address, "pid": process.pid}


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_that_comes_before_the_server_runs_still_ends_it(tmp_path: Path, name: str) -> None:
    told = "print(address, flush=True)"
    assert told in SERVE
    program = SERVE.replace(told, f"__import__('signal').raise_signal(__import__('signal').{name})")
    ended = subprocess.run([sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, timeout=60, capture_output=True)
    assert ended.returncode == 0
    assert json.loads((tmp_path / "meshgate.lock").read_text()) == {}


def test_a_killed_server_leaves_what_it_acknowledged(tmp_path: Path) -> None:
    with a_server(tmp_path) as (address, process):
        assert httpx.post(f"{address}/v1/descriptors", content=product(), headers=YAML).status_code == 201
        process.kill()
        process.wait()
    with a_server(tmp_path) as (address, _):
        assert httpx.post(f"{address}/v1/descriptors", content=product(), headers=YAML).status_code == 200


def test_a_server_logs_json_without_bodies_and_ends_in_good_order(tmp_path: Path) -> None:
    with a_server(tmp_path) as (address, process):
        httpx.post(f"{address}/v1/descriptors", content=product(description="SECRET WORDS"), headers=YAML)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        assert process.returncode == 0
    assert json.loads((tmp_path / "meshgate.lock").read_text()) == {}
    log = (tmp_path / "server.log").read_text()
    (line,) = [json.loads(line) for line in log.splitlines() if "answered" in line]
    told = {name: line[name] for name in ("route", "status", "principal", "level")}
    assert told == {"route": "/v1/descriptors", "status": 201, "principal": "local", "level": "info"}
    assert "SECRET" not in log
