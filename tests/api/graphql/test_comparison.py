"""Are products laid side by side as they are, and is what cannot be compared data and no fault?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from consumers import Clock, a_house
from remembered import ANNA, accept, identity, product

from api.graphql.answering import Answering
from api.graphql.context import Context
from api.graphql.ids import global_id
from api.graphql.limits import Limits
from api.graphql.request import Request
from api.graphql.schema import schema
from api.wiring import House
from catalog.database import Database
from engine.model import Principal

ANN = Principal("ann", roles=frozenset({"reader"}))
COMPARE = """query C($products: [ID!]!, $first: Int = 100, $after: String, $aspects: [ComparisonAspect!],
    $differing: Boolean = false) {
  compare(products: $products) {
    ... on Comparison {
      differences cut products { fqn name version status domain }
      rows(first: $first, after: $after, aspects: $aspects, differing: $differing) {
        edges { node { aspect key values differs } } pageInfo { hasNextPage endCursor } }
    }
    ... on ComparisonRefused { code message unknown }
  }
}"""
ORDERS, STOCK = (identity(name).fqn for name in ("orders", "stock"))
COLUMNS = [
    {"name": "id", "dataType": "TEXT", "description": "Key."},
    {"name": "mail", "dataType": "TEXT", "tags": ["pii", "contact"]},
]


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[House]:
    with a_house(database, tmp_path, Clock()) as made:
        yield made


@pytest.fixture
def ask(house: House) -> Any:
    answering = Answering(schema(), Limits())

    def asked(*products: str, **variables: Any) -> Any:
        request = Request(COMPARE, {"products": list(products), **variables}, None)
        return orjson.loads(answering.answer(request, Context(house, ANN)).content)["data"]["compare"]

    return asked


@pytest.fixture
def two(database: Database) -> Database:
    accept(database, product("orders", "1.0.0", outputs=["placed"], tags=["b", "a"], columns={"placed": COLUMNS}))
    accept(database, product("orders", "1.1.0", outputs=["placed", "paid"], columns={"placed": COLUMNS[:1]}))
    accept(database, product("stock", "1.0.0", outputs=["placed"], domain="logistics"))
    return database


def rows(found: Any) -> dict[tuple[str, str], list[str | None]]:
    told = [edge["node"] for edge in found["rows"]["edges"]]
    assert all(one["differs"] is (len(set(one["values"])) > 1) for one in told)
    return {(one["aspect"], one["key"]): one["values"] for one in told}


def test_products_are_aligned_by_what_is_said_of_them(two: Database, ask: Any) -> None:
    found = ask(f"{ORDERS}@1.0.0", ORDERS, STOCK)
    assert [(one["name"], one["version"], one["domain"]) for one in found["products"]] == [
        ("orders", "1.0.0", "sales"),
        ("orders", "1.1.0", "sales"),
        ("stock", "1.0.0", "logistics"),
    ]
    told = rows(found)
    assert told["PRODUCT", "domain"] == ["sales", "sales", "logistics"]
    assert told["PRODUCT", "tags"] == ["a, b", None, None]
    assert told["PRODUCT", "compliance"] == ["compliant"] * 3
    assert told["PORT", "outputport/paid"] == [None, "paid", None]
    assert told["COLUMN", "placed/id/type"] == ["TEXT", "TEXT", None]
    assert told["COLUMN", "placed/mail/classification"] == ["contact, pii", None, None]
    assert told["POLICY", "mesh.ownership.owner_declared"] == ["pass"] * 3
    assert found["differences"] == sum(len(set(values)) > 1 for values in told.values())


def test_objectives_are_compared_value_by_value(database: Database, ask: Any) -> None:
    for name, freshness in (("orders", "PT1H"), ("stock", "P1D")):
        promised = {"freshness": freshness, "limits": [{"rows": 5}], "none": None}
        accept(database, product(name, slos={"placed": promised}))
    told = rows(ask(ORDERS, STOCK, aspects=["SLO"]))
    assert told == {("SLO", "placed/freshness"): ["PT1H", "P1D"], ("SLO", "placed/limits/0/rows"): ["5", "5"]}


def test_ids_of_products_and_versions_name_them_too(two: Database, ask: Any, house: House) -> None:
    found = house.products.find(STOCK, principal=ANNA)
    old = house.products.version(ORDERS, "1.0.0", principal=ANNA)
    assert found is not None
    assert old is not None
    line, version = global_id("DataProduct", found.id), global_id("Version", old.version_id)
    told = [(one["name"], one["version"]) for one in ask(line, version)["products"]]
    assert told == [("stock", "1.0.0"), ("orders", "1.0.0")]
    again = ask(found.id, global_id("DataProduct", old.id) + "@1.0.0")["products"]
    assert [(one["name"], one["version"]) for one in again] == told


@pytest.mark.parametrize(
    ("named", "unknown", "told"),
    [
        ([ORDERS], [], "not 1"),
        ([], [], "not 0"),
        ([ORDERS] * 6, [], "not 6"),
        ([ORDERS, f"{ORDERS}@1.1.0"], [], "named twice"),
        ([ORDERS, "nothing", f"{STOCK}@9.9.9"], ["nothing", f"{STOCK}@9.9.9"], "Nothing is called"),
        ([ORDERS, "\0", global_id("Version", "\0x"), global_id("Port", "p")], None, "Nothing is called"),
    ],
)
def test_what_cannot_be_compared_is_data(two: Database, ask: Any, named: list[str], unknown: Any, told: str) -> None:
    found = ask(*named)
    assert found["code"] == "comparison-invalid"
    assert told in found["message"]
    assert found["unknown"] == (named[1:] if unknown is None else unknown)


def test_rows_come_in_pages_and_only_those_that_differ_if_wanted(two: Database, ask: Any) -> None:
    whole = ask(ORDERS, STOCK)
    pages: list[Any] = []
    after = None
    while True:
        page = ask(ORDERS, STOCK, first=3, after=after)["rows"]
        pages += page["edges"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert pages == whole["rows"]["edges"]
    differing = ask(ORDERS, STOCK, differing=True)
    assert [edge for edge in pages if edge["node"]["differs"]] == differing["rows"]["edges"]
    assert len(differing["rows"]["edges"]) == whole["differences"]


def test_the_statements_do_not_grow_with_what_is_compared(database: Database, ask: Any, counted: Any) -> None:
    for number in range(5):
        columns = {"placed": [{"name": f"c{at}", "dataType": "TEXT"} for at in range(number * 5)]}
        accept(database, product(f"product{number}", columns=columns))
    sent = []
    for count in (2, 5):
        with counted() as statements:
            ask(*(identity(f"product{number}").fqn for number in range(count)))
        sent.append(len(statements) - count)  # one look-up for each name
    assert sent == [5, 5]


def test_more_columns_than_are_compared_are_told(database: Database, ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("api.flows.compare", "catalog.compared"):
        monkeypatch.setattr(f"{module}.MOST_COLUMNS", 1)
    accept(database, product("orders", columns={"placed": COLUMNS}))
    accept(database, product("stock", columns={"placed": COLUMNS[:1]}))
    found = ask(ORDERS, STOCK, aspects=["COLUMN"])
    assert found["cut"]
    assert set(rows(found)) == {("COLUMN", "placed/id/type"), ("COLUMN", "placed/id/description")}
