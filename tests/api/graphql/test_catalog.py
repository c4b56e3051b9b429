"""Does `catalog` tell the instant that was asked for at every depth, and what becomes of an instant that is none?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import make
import pytest
import remembered
from remembered import ANNA, accept, product

from api.wiring import House
from catalog.database import Database

ORDERS = "urn:dpds:org.example:dataproducts:orders:1"
CUSTOMERS = "urn:dpds:org.example:dataproducts:customers:1"
REVENUE = "urn:dpds:org.example:dataproducts:revenue:2"


@pytest.fixture(autouse=True)
def grown(mesh: Database, house: House) -> Database:
    """The mesh of four revisions, a day old; orders lost a port and gained a reader an hour ago."""
    house.clock = lambda: make.NOW + timedelta(days=1)
    hour = make.NOW + timedelta(hours=23)
    accept(mesh, product("orders", "1.2.0", outputs=["placed"], domain="retail"), at=hour)
    reads = [("orders", f"{ORDERS}:outputports:placed"), ("profiles", f"{CUSTOMERS}:outputports:profile")]
    accept(mesh, product("report", reads=reads), at=hour)
    with mesh.work(ANNA, at=hour) as work:
        work.versions.set_status(remembered.identity("customers"), "withdrawn", reason="gone")
        work.commit()
    return mesh


def test_two_instants_in_one_operation_do_not_mix_at_any_depth(data: Any) -> None:
    told = data(
        """query Q($f: String!) {
          now: catalog { ...told } then: catalog(revision: 4) { ...told } first: catalog(revision: 2) { ...told }
        }
        fragment told on Catalog {
          revision domains { name }
          dataProduct(fqn: $f) {
            version domain
            ports(first: 5) { edges { node { name } } }
            versions(first: 5) { edges { node { version } } }
            downstream(first: 5) { edges { node { node { ... on DataProduct {
              name versions(first: 1) { edges { node { version } } }
              upstream(first: 5) { edges { node { node { __typename ... on DataProduct { name version } } } } }
            } } } } }
          }
        }""",
        f=ORDERS,
    )
    assert [told[name]["revision"] for name in ("now", "then", "first")] == [7, 4, 2]
    now, then, first = (told[name]["dataProduct"] for name in ("now", "then", "first"))
    assert [(one["version"], one["domain"]) for one in (now, then, first)] == [
        ("1.2.0", "retail"),
        ("1.1.0", "sales"),
        ("1.0.0", "sales"),
    ]
    assert [names(one["ports"]) for one in (now, then, first)] == [["placed"], ["placed", "paid"], ["placed"]]
    assert [len(one["versions"]["edges"]) for one in (now, then, first)] == [3, 2, 1]
    readers = [[step["node"]["node"] for step in one["downstream"]["edges"]] for one in (now, then, first)]
    assert [[one["name"] for one in some] for some in readers] == [["report", "revenue"], ["revenue"], []]
    sources = [step["node"]["node"] for step in readers[0][0]["upstream"]["edges"]]
    assert [one["__typename"] for one in sources] == ["DataProduct", "DanglingReference"]
    (source,) = [step["node"]["node"] for step in readers[1][0]["upstream"]["edges"]]
    assert source["version"] == "1.1.0"
    assert [domain["name"] for domain in told["then"]["domains"]] == ["customer", "finance", "sales"]
    assert [domain["name"] for domain in told["now"]["domains"]] == ["finance", "retail", "sales"]


def names(connection: Any) -> list[str]:
    return [edge["node"]["name"] for edge in connection["edges"]]


def test_what_is_withdrawn_now_is_there_as_of_then_by_its_id_too(data: Any) -> None:
    asked = "query Q($r: Int, $f: String, $id: ID) { catalog(revision: $r) { dataProduct(fqn: $f, id: $id) { id } } }"
    id = data(asked, r=1, f=CUSTOMERS)["catalog"]["dataProduct"]["id"]
    assert data(asked, r=1, id=id)["catalog"]["dataProduct"] == {"id": id}
    assert data(asked, id=id)["catalog"]["dataProduct"] is None
    assert data("query Q($id: ID!) { node(id: $id) { id } }", id=id)["node"] is None


def test_the_fields_of_the_query_tell_what_the_catalog_of_now_tells(data: Any) -> None:
    fields = """dataProduct(fqn: $f) { version } dataProducts(first: 9) { edges { node { fqn } } }
        lineage(fqn: $f) { downstream(first: 5) { edges { node { inputPort } } } }
        containers { edges { node { id } } } domains { name products }"""
    told = data(f"query Q($f: String) {{ {fields} catalog {{ {fields} }} }}", f=ORDERS)
    assert told.pop("catalog") == told


def test_an_instant_leads_to_the_last_revision_by_then(data: Any) -> None:
    asked = "query Q($m: DateTime) { catalog(asOf: $m) { asOf revision dataProducts { edges { node { name } } } } }"
    for moment, revision, count in (("2026-11-23T16:30:15Z", 4, 3), ("2026-11-24T16:30:15+01:00", 7, 3)):
        told = data(asked, m=moment)["catalog"]
        assert (told["revision"], len(told["dataProducts"]["edges"])) == (revision, count)
    before = data(asked, m="2026-11-23T16:30:14.999999Z")["catalog"]
    assert before == {"asOf": "2026-11-23T16:30:14.999999+00:00", "revision": 0, "dataProducts": {"edges": []}}
    assert data("{ catalog(revision: 0) { asOf revision domains { name } } }")["catalog"] == {
        "asOf": None,
        "revision": 0,
        "domains": [],
    }


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ('asOf: "2026-11-24T16:30:15.000001Z"', "instant-invalid"),
        ('asOf: "2999-01-01T00:00:00Z"', "instant-invalid"),
        ('asOf: "2026-11-24T12:00:00"', "instant-invalid"),
        ("revision: 8", "instant-invalid"),
        ("revision: -1", "instant-invalid"),
        ("revision: 2147483647", "instant-invalid"),
        ('revision: 1, asOf: "2026-11-24T12:00:00Z"', "argument-invalid"),
        ('asOf: "yesterday"', "query-invalid"),
        ("revision: 4294967296", "query-invalid"),
    ],
)
def test_an_instant_that_is_none_is_refused_by_its_code(ask: Any, given: str, code: str) -> None:
    answer = ask(f"{{ catalog({given}) {{ revision }} }}")
    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
    assert not (answer.get("data") or {}).get("catalog")


def test_fitness_is_judged_now_and_refused_as_of_then(ask: Any) -> None:
    rego = 'package need\n\nviolation contains {"msg": "no"} if false'
    asked = """query Q($rego: String, $r: Int) { catalog(revision: $r) { dataProduct(fqn: "FQN") {
        fitness(requirement: {rego: $rego}) { __typename } } } }""".replace("FQN", ORDERS)
    answer = ask(asked, rego=rego, r=4)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["instant-invalid"]


def test_an_instant_at_the_end_of_the_calendar_breaks_nothing(data: Any) -> None:
    asked = "query Q($m: DateTime) { catalog(asOf: $m) { revision } }"
    assert data(asked, m="0001-01-01T00:00:00+14:00")["catalog"]["revision"] == 0


def test_a_cursor_belongs_to_its_instant(ask: Any, data: Any) -> None:
    asked = """query Q($r: Int, $a: String) { catalog(revision: $r) {
        dataProducts(first: 1, after: $a) { edges { node { name } } pageInfo { endCursor hasNextPage } } } }"""
    seen, after = [], None
    while True:
        page = data(asked, r=4, a=after)["catalog"]["dataProducts"]
        seen += names(page)
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert seen == ["customers", "orders", "revenue"]
    for other in (3, None):
        errors = ask(asked, r=other, a=after)["errors"]
        assert [error["extensions"]["code"] for error in errors] == ["cursor-invalid"]


def test_containers_are_told_as_of_then_by_environment_and_status(
    data: Any, contain: Callable[[str], str], grown: Database
) -> None:
    made = {environment: contain(environment) for environment in ("prod", "dev")}
    with grown.work(ANNA, at=make.NOW + timedelta(hours=23)) as work:
        for status in ("active", "deprovisioning", "retired"):
            work.deployments.change_container(made["prod"], status=status)
        work.commit()
    asked = """query Q($r: Int, $e: String, $p: String, $s: [ContainerStatus!]) { catalog(revision: $r) {
        containers(environment: $e, product: $p, status: $s) { edges { node { environment } } } } }"""

    def found(**sought: Any) -> list[str]:
        return [edge["node"]["environment"] for edge in data(asked, **sought)["catalog"]["containers"]["edges"]]

    assert found() == ["dev"]
    assert found(r=9) == ["dev", "prod"]
    assert found(r=8) == ["prod"]
    assert found(r=9, e="prod") == ["prod"]
    assert found(s=["RETIRED"]) == ["prod"]
    assert found(r=9, s=["RETIRED"]) == []
    assert found(r=9, p=CUSTOMERS) == ["dev", "prod"]
    assert found(r=9, p=ORDERS) == []
    told = data(
        """query Q($id: String!) { now: container(id: $id) { status }
          then: catalog(revision: 9) { container(id: $id) { status } }
          before: catalog(revision: 7) { container(id: $id) { status } } }""",
        id=made["prod"],
    )
    assert told == {
        "now": {"status": "RETIRED"},
        "then": {"container": {"status": "PROVISIONING"}},
        "before": {"container": None},
    }


SHAPE = """query Q($r: Int, $n: Int) { catalog(revision: $r) { dataProducts(first: $n) { edges { node {
    name ports(first: 2) { edges { node { name } } } versions(first: 2) { edges { node { compliance { outcome } } } }
    standing { state } containers { resources { name } deployment { state } }
    upstream(first: 2) { edges { node { node { ... on DataProduct { name } } } } } } } } } }"""


def test_statements_grow_neither_with_the_page_nor_with_the_history(data: Any, counted: Any, grown: Database) -> None:
    def sent(**asked: Any) -> int:
        with counted() as statements:
            data(SHAPE, **asked)
        return len(statements)

    before = sent(r=7, n=5)
    for number in range(12):
        reads = [("in", f"{ORDERS}:outputports:placed")]
        accept(grown, product(f"more{number}", reads=reads), at=make.NOW + timedelta(hours=23))
        accept(grown, product("orders", f"1.{number + 3}.0"), at=make.NOW + timedelta(hours=23))
    assert [sent(r=7, n=5), sent(r=31, n=2), sent(r=31, n=20)] == [before] * 3
