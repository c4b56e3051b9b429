"""How are search, filters, facets, corrections and completions asked for by GraphQL, on both stores?"""

from __future__ import annotations

from typing import Any

import pytest
from judged_mesh import MESH, stored
from remembered import ANNA

from api.graphql.answering import Answering
from api.graphql.context import Context
from api.graphql.limits import Limits
from api.graphql.request import Request
from api.graphql.schema import schema
from api.wiring import House
from catalog.database import Database
from catalog.search.completion import KINDS
from catalog.search.evidence import Match
from catalog.search.facets import COUNTED
from catalog.search.where import DEEPEST, FIELDS, Every, Is, Not, Operator, Says, Some

WHERE = """query Q($where: ProductWhere, $line: String) { search(where: $where, query: $line, first: 50) {
    total { value } edges { node { name } } } }"""
EVERYTHING = """query Q($line: String, $n: Int!, $where: ProductWhere) {
  search(query: $line, first: $n, where: $where) {
    total { value exact } didYouMean
    facets(fields: [DOMAIN, TAG], first: 2) { field exact otherValues otherCount values { value count } }
    edges { match field matches { field port column snippet } node { name } }
  } }"""


@pytest.fixture
def filled(database: Database) -> Database:
    stored(database)
    return database


def names(found: dict[str, Any]) -> list[str]:
    return [edge["node"]["name"] for edge in found["search"]["edges"]]


def test_a_typed_filter_may_join_demands_by_and_or_not(filled: Database, data: Any) -> None:
    where = {
        "OR": [{"domain": {"in": ["sales", "LOGISTICS"]}}, {"owner": {"startsWith": "hr@"}}],
        "NOT": {"tag": {"eq": "raw"}},
        "AND": [{"status": {"eq": "ACTIVE"}}, {"version": {"gte": "1.0.0", "lt": "2.0.0"}}],
        "column": {"contains": "_ID"},
    }
    assert names(data(WHERE, where=where)) == [
        "branches", "employees", "orderReturns", "salesForecast", "shipments", "tripExecution", "tripPlanning",
        "warehouseStock",
    ]  # fmt: skip


def test_a_typed_filter_and_the_line_have_to_hold_together(filled: Database, data: Any) -> None:
    assert names(data(WHERE, line="domain:logistics", where={"phrase": "trips of trucks"})) == [
        "tripExecution",
        "tripPlanning",
    ]
    assert names(data(WHERE, line="trip -name:tripplanning", where={"port": {"in": ["trips"]}})) == ["tripExecution"]
    assert data(WHERE, where={})["search"]["total"]["value"] == len(MESH)
    assert data(WHERE, where={"OR": []})["search"]["total"]["value"] == 0


def test_every_field_of_a_filter_can_be_asked(filled: Database, data: Any) -> None:
    given = {
        "status": {"in": ["ACTIVE"]},
        "version": {"eq": "1.0.0"},
        "fqn": {"startsWith": "urn:"},
        "trust": {"gte": 0.5, "lt": 0.9},
        "compliance": {"in": ["UNDECIDED", "NON_COMPLIANT"]},
        "updated": {"gte": "2026-11-23", "lt": "2026-11-24T00:00:00Z"},
    }
    for field in FIELDS:
        name, asked = {"updated": "updatedAt"}.get(field, field), given.get(field, {"contains": "a"})
        assert data(WHERE, where={name: asked})["search"]["total"]["value"] > 0, field
        assert data(WHERE, where={name: {"eq": None}})["search"]["total"]["value"] == len(MESH), field


def test_the_most_trusted_come_first_when_that_is_asked_for(filled: Database, data: Any) -> None:
    asked = (
        "query Q($a: String) { search(first: 3, after: $a, orderBy: TRUST)"
        " { pageInfo { endCursor } edges { node { name } } } }"
    )
    first = data(asked)
    second = data(asked, a=first["search"]["pageInfo"]["endCursor"])
    assert [*names(first), *names(second)] == ["customers", "invoices", "orders", "payments", "shipments", "baskets"]


def test_a_term_that_is_mistyped_is_read_as_words_and_told(filled: Database, data: Any) -> None:
    query = "query Q($line: String) { search(query: $line) { total { value } hints { term says line } } }"
    (hint,) = data(query, line="orders -domian:sales")["search"]["hints"]
    assert hint == {
        "term": "-domian:sales",
        "says": "There is no field `domian`: it was read as words. Is `domain` meant?",
        "line": "orders -domain:sales",
    }
    assert data(query, line="orders domain:sales http://x")["search"]["hints"] == []


def test_the_tree_of_a_filter_is_that_of_the_catalog() -> None:
    from api.graphql.types.where import tree

    told = {"OR": [{"tag": {"eq": "a", "contains": "b"}}, {}], "NOT": {"phrase": "x y"}, "domain": None, "text": "t"}
    a, b = Is("tag", Operator.EQ, ("a",)), Is("tag", Operator.CONTAINS, ("b",))
    assert tree(told) == Every((Some((Every((a, b)), Every(()))), Not(Says("x y", phrase=True)), Says("t")))
    assert tree(None) is None


WRONG = {
    "no version": {"version": {"gt": "1"}},
    "no day": {"updatedAt": {"gt": "last week"}},
    "nested": {"NOT": {"NOT": {"NOT": {}}}},
    "conditions": {"OR": [{"tag": {"eq": "x"}}] * 65},
    "values": {"tag": {"in": ["x"] * 101}},
}
for _ in range(DEEPEST):
    WRONG["nested"] = {"NOT": WRONG["nested"]}


@pytest.mark.parametrize("said", WRONG)
def test_a_filter_that_cannot_be_asked_is_a_clear_error(filled: Database, ask: Any, said: str) -> None:
    answer = ask(WHERE, where=WRONG[said])
    assert answer["errors"][0]["extensions"]["code"] == "search-invalid"
    assert said in answer["errors"][0]["message"]


@pytest.mark.parametrize("levels", [20, 200, 400, 900])
def test_a_filter_nested_beyond_all_bounds_is_refused(filled: Database, ask: Any, levels: int) -> None:
    where: dict[str, Any] = {}
    for _ in range(levels):
        where = {"NOT": where}
    (error,) = ask(WHERE, where=where)["errors"]
    assert error["extensions"]["code"] in ("search-invalid", "variables-invalid")


def test_hits_come_with_reasons_facets_and_an_honest_total(filled: Database, data: Any) -> None:
    told = data(EVERYTHING, line="iban", n=1)["search"]
    assert (told["total"], told["didYouMean"]) == ({"value": 2, "exact": True}, [])
    iban = {"field": "COLUMN", "port": "received", "column": "iban", "snippet": "iban"}
    assert told["edges"] == [{"match": "TEXT", "field": "PORT", "matches": [iban], "node": {"name": "payments"}}]
    counts = [{"value": "finance", "count": 1}, {"value": "procurement", "count": 1}]
    assert told["facets"][0] == {
        "field": "DOMAIN",
        "exact": True,
        "otherValues": 0,
        "otherCount": 0,
        "values": counts,
    }


def test_all_facets_are_told_when_none_is_named(filled: Database, data: Any) -> None:
    told = data('{ search(query: "domain:sales") { facets(first: 1) { field values { value } otherValues } } }')
    fields = {one["field"]: (one["values"][0]["value"], one["otherValues"]) for one in told["search"]["facets"]}
    assert fields["DOMAIN"][1] == len({one.domain for one in MESH}) - 1
    assert (fields["STATUS"], fields["SPECIFICATION"]) == (("active", 1), ("datastoreapi", 0))
    assert set(fields) == {one.upper() for one in COUNTED}
    assert (fields["COMPLIANCE"], fields["GRADE"]) == (("compliant", 1), ("A", 1))


def test_what_was_meant_is_told_with_the_filters_as_they_were_typed(filled: Database, data: Any) -> None:
    query = "query Q($line: String) { search(query: $line) { didYouMean } }"
    assert data(query, line="inovices domain:finance")["search"]["didYouMean"][0] == "invoices domain:finance"
    assert data(query, line="invoices")["search"]["didYouMean"] == []


def test_what_somebody_begins_to_type_is_completed_by_kind(filled: Database, data: Any) -> None:
    query = "query Q($p: String!, $k: [CompletionKind!]) { complete(prefix: $p, kinds: $k, first: 2) {" + (
        " kind completions { value fqn } } }"
    )
    told = data(query, p="cust")["complete"]
    assert [one["kind"] for one in told] == ["PRODUCT", "COLUMN", "DOMAIN"]
    assert told[0]["completions"][0] == {
        "value": "customerConsents",
        "fqn": "urn:dpds:org.example:dataproducts:customerConsents:1",
    }
    assert data(query, p="CUST", k=["DOMAIN"])["complete"] == [
        {"kind": "DOMAIN", "completions": [{"value": "customer", "fqn": None}]}
    ]
    assert data(query, p="nothing so")["complete"] == []
    assert data(query, p="cust", k=[])["complete"] == []


@pytest.mark.parametrize(
    "field", ["search { facets(first: %d) { field } }", 'complete(prefix: "", first: %d) { kind }']
)
def test_what_is_counted_and_completed_is_bounded(filled: Database, ask: Any, field: str) -> None:
    codes = [ask("{ " + field % size + " }")["errors"][0]["extensions"]["code"] for size in (0, 101)]
    assert codes == ["page-size-invalid", "page-too-large"]


SHAPES = {
    "filtered": ("{ search(query: $line, where: $where, first: $n) { edges { node { name } } } }", 1),
    "facets": ("{ search(query: $line, where: $where, first: $n) { facets { values { value } } } }", 3),
    "matches": (
        "{ search(query: $line, where: $where, first: $n) { total { value } edges { matches { snippet } } } }",
        3,
    ),
    "corrected": ("{ search(query: $line, where: $where, first: $n) { didYouMean } }", 1),
    "completed": ('{ complete(prefix: "s", first: $n) { completions { value } } other: search(where: $where,'
                  " query: $line) { total { exact } } }", 2),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_statements_do_not_grow_with_pages(filled: Database, data: Any, counted: Any, shape: str) -> None:
    query, expected = SHAPES[shape]
    sent = []
    for size in (1, 10, 30):
        with counted() as statements:
            data(
                "query Q($n: Int!, $line: String, $where: ProductWhere) " + query,
                n=size,
                line="customer",
                where={"NOT": {"tag": {"eq": "raw"}}},
            )
        sent.append(len(statements))
    assert sent == [expected] * 3


@pytest.mark.parametrize("line", ["customer", "inovices", "?!", "domain:sales has:pii"])
def test_both_executors_answer_searches_alike(filled: Database, house: House, line: str) -> None:
    request = Request(EVERYTHING, {"line": line, "n": 10, "where": {"status": {"eq": "ACTIVE"}}}, None)
    fast, stock = (
        Answering(schema(), Limits(), fast=fast).answer(request, Context(house, ANNA)).content for fast in (True, False)
    )
    assert fast == stock
    assert b"errors" not in fast


def test_the_schema_has_a_word_for_everything_that_the_catalog_tells() -> None:
    types = schema().type_map
    assert set(types["CompletionKind"].values) == {kind.upper() for kind in KINDS}  # type: ignore[attr-defined]
    assert set(types["Match"].fields) == set(Match._fields)  # type: ignore[attr-defined]
    where = set(types["ProductWhere"].fields)  # type: ignore[attr-defined]
    assert where == {*FIELDS, "updatedAt", "AND", "OR", "NOT", "text", "phrase"} - {"updated"}
