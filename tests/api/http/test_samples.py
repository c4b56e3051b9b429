"""Do the REST calls on samples show what they may, say by a code why not, and let only auditors see the record?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sampled
from doors import a_client, problem, product, submit

from api.wiring import House
from engine.policy.environments import Environment, SampleBinding

FQN = "urn:dpds:org.example:dataproducts:parcels:1"
SAMPLE = f"/v1/products/{FQN}/ports/moved/sample"
TABLES = b"{tables: [{name: moves, columns: [{name: id}, {name: who, tags: [pii]}, {name: weight}]}]}"


@pytest.fixture
def client(house: House, tmp_path: Path) -> Iterator[Any]:
    root = sampled.parquet(
        tmp_path / "lake" / "moves.parquet", "SELECT i AS id, 'anna' AS who, 'nan'::DOUBLE AS weight FROM range(5) t(i)"
    ).parent
    bindings = (SampleBinding("duckdb", configuration={"root": str(root)}),)
    house.__dict__["own_environments"] = {"dev": Environment("dev", 1, (), samples=bindings)}
    with a_client(house) as made:
        assert submit(made, product().replace(b"{tables: []}", TABLES)).status_code == 201
        yield made


def test_a_sample_is_an_object_that_says_what_it_leaves_out(client: Any) -> None:
    answer = client.get(SAMPLE, params={"rows": 2, "columns": ["id", "who", "none"]})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.json() == {
        **{"version": "1.0.0", "environment": "dev", "dataset": "moves"},
        "columns": [
            {"name": "id", "type": "BIGINT", "shown": "show", "tags": []},
            {"name": "who", "type": "", "shown": "null", "tags": ["pii"]},
        ],
        "rows": [[0, None], [1, None]],
        "bytes": answer.json()["bytes"],
        "truncated": {"rows": True, "bytes": False, "cells": 0},
        "hidden": 0,
        "missing": ["none"],
    }


def test_numbers_that_json_has_not_are_text(client: Any) -> None:
    assert client.get(SAMPLE, params={"rows": 1, "columns": "weight"}).json()["rows"] == [["nan"]]


@pytest.mark.parametrize(
    ("query", "status", "code", "facts"),
    [
        ({"rows": 101}, 429, "sample-limit-exceeded", {"limit": "rows", "most": 100}),
        ({"environment": "moon"}, 503, "source-unavailable", {"reason": "environment-unknown"}),
        ({"dataset": "../x"}, 503, "source-unavailable", {"reason": "dataset-unknown"}),
        ({"columns": "nothing"}, 403, "sample-denied", {"reason": "nothing-shown"}),
        ({"rows": "x"}, 422, "request-invalid", {}),
        ({"sql": "x"}, 422, "request-invalid", {}),
    ],
)
def test_what_is_refused_says_so_by_its_code(
    client: Any, query: dict[str, Any], status: int, code: str, facts: dict[str, Any]
) -> None:
    told = problem(client.get(SAMPLE, params=query))
    assert (told["status"], told["code"], {name: told[name] for name in facts}) == (status, code, facts)


def test_a_product_that_is_not_there_is_404_and_nothing_is_recorded(client: Any) -> None:
    assert problem(client.get(SAMPLE.replace("parcels", "none")))["code"] == "not-found"
    assert client.get("/v1/samples").json() == {"samples": [], "next": None}


def test_the_record_tells_who_saw_what_in_pages(client: Any) -> None:
    for environment in (None, "moon", None):
        client.get(SAMPLE, params={"environment": environment} if environment else {"purpose": "a look"})
    first = client.get("/v1/samples", params={"limit": 2}).json()
    assert [one["outcome"] for one in first["samples"]] == ["shown", "unavailable"]
    shown = first["samples"][0]
    assert (shown["principal"], shown["purpose"], shown["columns"]) == ("local", "a look", ["id", "weight"])
    assert (shown["masked"], shown["rows"]) == ({"who": "null"}, 5)
    assert "anna" not in str(first)
    rest = client.get("/v1/samples", params={"limit": 2, "after": first["next"]}).json()
    assert ([one["outcome"] for one in rest["samples"]], rest["next"]) == (["shown"], None)
    assert client.get("/v1/samples", params={"product": FQN, "principal": "nobody"}).json()["samples"] == []
    assert problem(client.get("/v1/samples", params={"after": "x"}))["code"] == "cursor-invalid"
