"""Is a sample in GraphQL always a typed answer, and never more of them than an operation may take?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import sampled
from consumers import a_house
from remembered import sent

from api.graphql.answering import Answering
from api.graphql.context import Context
from api.graphql.limits import Limits
from api.graphql.request import Request
from api.graphql.schema import schema
from api.graphql.types import sample as types
from api.wiring import House
from catalog.database import Database
from engine.model import Principal

SAM = Principal("sam", roles=frozenset({"sampler"}))
RITA = Principal("rita", roles=frozenset({"reader"}))
FQN = "urn:dpds:org.example:dataproducts:orders:1"
PARTS = """__typename
  ... on Sample { version environment dataset hidden missing rows columns { name type shown tags }
    truncated { rows bytes cells } }
  ... on AccessDenied { reason message reasons }
  ... on SourceUnavailable { reason message }
  ... on LimitExceeded { limit message most }"""


def query(*samples: str, ports: str = "first: 2") -> str:
    fields = " ".join(f"s{number}: sample{one} {{ {PARTS} }}" for number, one in enumerate(samples))
    return f'{{ dataProduct(fqn: "{FQN}") {{ ports({ports}) {{ edges {{ node {{ {fields} }} }} }} }} }}'


@pytest.fixture
def house(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr(types, "SECONDS", 50.0)  # the machine that tests run on may be busy
    with a_house(database, tmp_path) as made:
        sampled.put(database)
        sampled.parquet(made.containers_dir / "placed.parquet", sampled.DATA)
        sampled.run(database, made.containers_dir)
        yield made


def answered(house: House, text: str, principal: Principal = SAM) -> Any:
    answer = Answering(schema(), Limits(seconds=60)).answer(Request(text, {}, None), Context(house, principal))
    return orjson.loads(answer.content)


def ask(house: House, *samples: str, principal: Principal = SAM) -> list[Any]:
    told = answered(house, query(*samples), principal)
    assert "errors" not in told
    (edge,) = told["data"]["dataProduct"]["ports"]["edges"]
    return list(edge["node"].values())


def test_a_sample_tells_columns_rows_and_what_is_left_out(house: House) -> None:
    (found,) = ask(house, '(first: 2, columns: ["id", "email", "extra"], environment: "dev", purpose: "a look")')
    assert found == {
        "__typename": "Sample",
        **{"version": "1.0.0", "environment": "dev", "dataset": "placed", "hidden": 1, "missing": ["extra"]},
        "rows": [["1", None], ["2", None]],
        "columns": [
            {"name": "id", "type": "BIGINT", "shown": "SHOW", "tags": []},
            {"name": "email", "type": "", "shown": "NULL", "tags": ["pii"]},
        ],
        "truncated": {"rows": True, "bytes": False, "cells": 0},
    }


def test_every_refusal_is_a_typed_answer(house: House) -> None:
    gone, much, none = ask(house, '(environment: "moon")', "(first: 0)", '(columns: ["extra"])')
    assert (gone["__typename"], gone["reason"]) == ("SourceUnavailable", "environment-unknown")
    assert (much["__typename"], much["limit"], much["most"]) == ("LimitExceeded", "ROWS", 100)
    assert (none["__typename"], none["reason"]) == ("AccessDenied", "nothing-shown")
    (denied,) = ask(house, "", principal=RITA)
    assert (denied["__typename"], denied["reason"], denied["reasons"]) == ("AccessDenied", "role", [])


def test_an_operation_takes_three_samples_whatever_it_calls_them(house: House) -> None:
    found = ask(house, *["(first: 1)"] * 4)
    assert [one["__typename"] for one in found] == ["Sample"] * 3 + ["LimitExceeded"]
    assert found[3]["limit"] == "FIELDS"


def test_a_sample_weighs_in_the_cost_of_an_operation(house: House) -> None:
    without = answered(
        house, f'{{ dataProduct(fqn: "{FQN}") {{ ports(first: 2) {{ edges {{ node {{ name }} }} }} }} }}'
    )
    cost = answered(house, query("", ports="first: 2"))["extensions"]["cost"]["requested"]
    assert cost >= 200 + without["extensions"]["cost"]["requested"]
    refused = answered(house, query("", ports="first: 100"))
    assert refused["errors"][0]["extensions"]["code"] == "query-too-expensive"


def test_a_port_of_a_withdrawn_product_is_unavailable(house: House, database: Database) -> None:
    import remembered

    with database.work(remembered.ANNA) as work:
        work.versions.set_status(remembered.identity("orders", "1.0.0"), "withdrawn", reason="it is over")
        work.commit()
    with database.reading() as connection:
        version = connection.exec_driver_sql("SELECT id FROM version").scalar_one()
    from api.graphql.ids import global_id

    port = global_id("Port", f"{version}/outputport/placed")
    text = f'{{ node(id: "{port}") {{ ... on Port {{ sample {{ {PARTS} }} }} }} }}'
    assert answered(house, text)["data"]["node"]["sample"]["reason"] == "product-gone"


def test_statements_do_not_grow_with_the_rows(house: House, database: Database) -> None:
    ask(house, "(first: 1)")
    counts = []
    for rows in (1, 20):
        with sent(database) as statements:
            ask(house, f"(first: {rows})")
        counts.append(len(statements))
    assert counts[0] == counts[1]
