"""Does a real server process keep its promises: one winner, one owner of the data, an end in good order?"""

from __future__ import annotations

import json
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2 as httpx
import pytest
from doors import YAML, a_house, a_server, product

from api.auth.permissions import LOCAL
from api.http.serve import serve
from engine.errors import DataDirectoryBusy


def test_of_sixteen_equal_submissions_exactly_one_is_201(tmp_path: Path) -> None:
    together = threading.Barrier(16)

    def sent(_: int) -> tuple[int, str]:
        together.wait()
        got = httpx.post(f"{address}/v1/descriptors", content=product(), headers=YAML, timeout=60)
        return got.status_code, got.json()["decision"]

    with a_server(tmp_path) as (address, _), ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(sent, range(16)))
    assert sorted(status for status, _ in answers) == [200] * 15 + [201]
    assert len({decision for _, decision in answers}) == 1
    with a_house(tmp_path) as house:
        kinds = [change.kind for change in house.changes.after(0, principal=LOCAL)]
    assert kinds == ["decision.accepted", "version.accepted"]


def test_of_sixteen_different_contents_exactly_one_is_accepted(tmp_path: Path) -> None:
    together = threading.Barrier(16)

    def sent(number: int) -> int:
        together.wait()
        content = product(description=f"Parcels of depot {number}.")
        return httpx.post(f"{address}/v1/descriptors", content=content, headers=YAML, timeout=60).status_code

    with a_server(tmp_path) as (address, _), ThreadPoolExecutor(16) as pool:
        assert sorted(pool.map(sent, range(16))) == [201] + [409] * 15


def test_a_second_server_is_told_who_owns_the_data(tmp_path: Path) -> None:
    with a_server(tmp_path) as (address, process), a_house(tmp_path) as house:
        with pytest.raises(DataDirectoryBusy) as busy:
            serve(house, port=0)
        assert busy.value.context == {"data_dir": str(tmp_path), "address": address, "pid": process.pid}


def test_a_killed_server_leaves_what_it_acknowledged(tmp_path: Path) -> None:
    with a_server(tmp_path) as (address, process):
        assert httpx.post(f"{address}/v1/descriptors", content=product(), headers=YAML).status_code == 201
        process.kill()
        process.wait()
    with a_server(tmp_path) as (address, _):
        assert httpx.post(f"{address}/v1/descriptors", content=product(), headers=YAML).status_code == 200


def test_sigterm_ends_a_server_in_good_order(tmp_path: Path) -> None:
    with a_server(tmp_path) as (address, process):
        assert httpx.get(f"{address}/readyz").json()["ready"]
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        assert process.returncode == 0
    assert json.loads((tmp_path / "meshgate.lock").read_text()) == {}


def test_the_log_is_json_without_bodies(tmp_path: Path) -> None:
    with a_server(tmp_path) as (address, _):
        httpx.post(f"{address}/v1/descriptors", content=product(description="SECRET WORDS"), headers=YAML)
    log = (tmp_path / "server.log").read_text()
    (line,) = [json.loads(line) for line in log.splitlines() if "answered" in line]
    assert (line["route"], line["status"], line["principal"], line["level"]) == (
        "/v1/descriptors",
        201,
        "local",
        "info",
    )
    assert "SECRET" not in log
