"""What does GraphQL tell of the mesh, on both stores?"""

from __future__ import annotations

from typing import Any

import pytest
from remembered import accept, identity, product

from api.graphql.ids import global_id
from catalog.database import Database

ORDERS = "urn:dpds:org.example:dataproducts:orders:1"


@pytest.fixture(autouse=True)
def filled(mesh: Database) -> Database:
    return mesh


def names(connection: Any) -> list[str]:
    return [edge["node"]["name"] for edge in connection["edges"]]


def test_a_product_is_told_as_its_highest_version_describes_it(data: Any) -> None:
    asked = "{ dataProduct(fqn: $f) { fqn namespace name major version status domain owner tags displayName digest } }"
    told = data("query Q($f: String) " + asked, f=ORDERS)["dataProduct"]
    assert told.pop("digest").startswith("sha256:")
    assert told == {
        "fqn": ORDERS,
        "namespace": "org.example",
        "name": "orders",
        "major": 1,
        "version": "1.1.0",
        "status": "ACTIVE",
        "domain": "sales",
        "owner": "jo@example.com",
        "tags": [],
        "displayName": "",
    }


def test_a_major_may_be_larger_than_an_int_of_graphql(data: Any, mesh: Database) -> None:
    accept(mesh, product("calendar", f"{10**18 - 1}.0.0"))
    told = data('{ search(query: "calendar") { edges { node { major version } } } }')["search"]["edges"]
    assert told == [{"node": {"major": 10**18 - 1, "version": f"{10**18 - 1}.0.0"}}]


def test_a_product_that_is_not_there_is_null(data: Any) -> None:
    assert data('{ dataProduct(fqn: "urn:dpds:org.example:dataproducts:none:1") { name } }') == {"dataProduct": None}


@pytest.mark.parametrize("arguments", ["", '(fqn: "a", id: "b")'])
def test_a_product_is_named_in_one_way(ask: Any, arguments: str) -> None:
    answer = ask("{ dataProduct%s { name } }" % arguments)  # noqa: UP031 (braces)
    assert (answer["data"], answer["errors"][0]["extensions"]["code"]) == ({"dataProduct": None}, "argument-invalid")


def test_search_finds_names_ports_and_tags_best_first_with_the_reason_and_an_honest_total(data: Any) -> None:
    query = "query Q($q: String) { search(query: $q) { total { value exact } edges { match field node { name } } } }"
    found = data(query, q="orders")["search"]
    assert found["total"] == {"value": 1, "exact": True}
    assert found["edges"] == [{"match": "NAME", "field": "NAME", "node": {"name": "orders"}}]
    assert names(data(query, q="paid")["search"]) == ["orders"]
    assert names(data(query, q="pii")["search"]) == ["customers"]
    assert data(query, q="nowhere")["search"] == {"total": {"value": 0, "exact": True}, "edges": []}


@pytest.mark.parametrize(
    "text", ['"', "c++", "foo-bar", "name:orders", "(", "*", "\U0001f680", "' OR 1=1 --", "a\x01b"]
)
def test_any_text_is_a_safe_search(data: Any, text: str) -> None:
    data("query Q($q: String) { search(query: $q) { edges { node { name } } } }", q=text)


def test_pages_follow_one_another_without_gap_or_repetition(data: Any) -> None:
    query = """query Q($a: String) { %s(first: 2, after: $a) {
        pageInfo { hasNextPage hasPreviousPage endCursor } edges { cursor node { name } } } }"""
    for listing in ("dataProducts", "search"):
        first = data(query % listing)[listing]
        second = data(query % listing, a=first["pageInfo"]["endCursor"])[listing]
        assert sorted(names(first) + names(second)) == ["customers", "orders", "revenue"]
        assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)
        assert (first["pageInfo"]["hasPreviousPage"], second["pageInfo"]["hasPreviousPage"]) == (False, True)
        assert first["edges"][-1]["cursor"] == first["pageInfo"]["endCursor"]


def test_products_of_one_domain(data: Any) -> None:
    assert names(data('{ dataProducts(domain: "finance") { edges { node { name } } } }')["dataProducts"]) == ["revenue"]


@pytest.mark.parametrize("cursor", ["x", "WyJhIl0", "é"])
@pytest.mark.parametrize("listing", ["dataProducts", "search", "changes"])
def test_a_cursor_that_is_none_is_refused(ask: Any, listing: str, cursor: str) -> None:
    answer = ask("query Q($a: String) { %s(after: $a) { pageInfo { hasNextPage } } }" % listing, a=cursor)  # noqa: UP031
    assert answer["errors"][0]["extensions"]["code"] == "cursor-invalid"


@pytest.mark.parametrize("first", [0, -1])
def test_a_page_without_items_is_refused(ask: Any, first: int) -> None:
    answer = ask("query Q($n: Int) { dataProducts(first: $n) { pageInfo { hasNextPage } } }", n=first)
    assert answer["errors"][0]["extensions"]["code"] == "page-size-invalid"


def test_ports_by_kind_and_page_by_page(data: Any) -> None:
    query = """query Q($f: String, $a: String, $k: [PortKind!]) { dataProduct(fqn: $f) {
        ports(first: 1, after: $a, kinds: $k) { pageInfo { endCursor hasNextPage } edges { node { kind name } } } } }"""
    first = data(query, f=ORDERS)["dataProduct"]["ports"]
    assert first["edges"] == [{"node": {"kind": "OUTPUTPORT", "name": "placed"}}]
    second = data(query, f=ORDERS, a=first["pageInfo"]["endCursor"])["dataProduct"]["ports"]
    assert (names(second), second["pageInfo"]["hasNextPage"]) == (["paid"], False)
    assert data(query, f=ORDERS, k=["INPUTPORT"])["dataProduct"]["ports"]["edges"] == []


def test_lineage_one_step_up_and_down_with_dangling_and_external_ends(data: Any) -> None:
    query = """query Q($f: String) { dataProduct(fqn: $f) {
        upstream { edges { node { inputPort outputPort node { __typename ...End } } } }
        downstream { edges { node { inputPort outputPort node { __typename ...End } } } } } }
        fragment End on LineageNode { ... on DataProduct { name version }
          ... on DanglingReference { reference } ... on ExternalSystem { name } }"""
    told = data(query, f=ORDERS)["dataProduct"]
    up = [edge["node"] for edge in told["upstream"]["edges"]]
    assert [step["inputPort"] for step in up] == ["profiles", "crm", "gone"]
    assert up[0]["outputPort"] == "profile"
    assert [step["node"] for step in up] == [
        {"__typename": "DataProduct", "name": "customers", "version": "1.0.0"},
        {"__typename": "ExternalSystem", "name": "the old CRM"},
        {"__typename": "DanglingReference", "reference": "urn:dpds:org.example:dataproducts:lost:1:outputports:gone"},
    ]
    assert [edge["node"] for edge in told["downstream"]["edges"]] == [
        {
            "inputPort": "orders",
            "outputPort": "placed",
            "node": {"__typename": "DataProduct", "name": "revenue", "version": "2.0.0"},
        }
    ]


LINEAGE = """query Q($f: String, $i: ID, $p: String) { lineage(fqn: $f, id: $i, port: $p) {
    product { name version }
    upstream { edges { node { inputPort } } }
    downstream { edges { node { outputPort node { ... on DataProduct { name } } } } } } }"""


def test_lineage_is_asked_for_by_fqn_or_id_as_a_whole_or_through_one_port(data: Any) -> None:
    whole = data(LINEAGE, f=ORDERS)["lineage"]
    assert whole["product"] == {"name": "orders", "version": "1.1.0"}
    assert [edge["node"]["inputPort"] for edge in whole["upstream"]["edges"]] == ["profiles", "crm", "gone"]
    readers = [{"node": {"outputPort": "placed", "node": {"name": "revenue"}}}]
    assert whole["downstream"]["edges"] == readers
    assert data(LINEAGE, i=global_id("DataProduct", identity("orders").id))["lineage"] == whole
    into = data(LINEAGE, f=ORDERS, p="crm")["lineage"]
    assert (into["upstream"]["edges"], into["downstream"]["edges"]) == ([{"node": {"inputPort": "crm"}}], [])
    out_of = data(LINEAGE, f=ORDERS, p="placed")["lineage"]
    assert (out_of["upstream"]["edges"], out_of["downstream"]["edges"]) == ([], readers)


def test_lineage_of_what_is_not_there_is_null_and_of_two_things_is_refused(ask: Any, data: Any) -> None:
    assert data(LINEAGE, f="urn:dpds:org.example:dataproducts:none:1") == {"lineage": None}
    answer = ask(LINEAGE, f=ORDERS, i="x")
    assert (answer["data"], answer["errors"][0]["extensions"]["code"]) == ({"lineage": None}, "argument-invalid")


def test_null_for_direction_and_level_of_a_graph_is_as_if_they_were_left_out(data: Any) -> None:
    plain = data("query Q($f: String!) { lineageGraph(from: [$f]) { nodes { key } } }", f=ORDERS)
    query = "query Q($f: String!) { lineageGraph(from: [$f], direction: null, level: null) { nodes { key } } }"
    assert data(query, f=ORDERS) == plain


def test_a_cursor_of_the_whole_lineage_is_none_of_one_port(ask: Any) -> None:
    query = """query Q($f: String, $a: String, $p: String) { lineage(fqn: $f, port: $p) {
        upstream(first: 1, after: $a) { pageInfo { endCursor } edges { node { inputPort } } } } }"""
    cursor = ask(query, f=ORDERS)["data"]["lineage"]["upstream"]["pageInfo"]["endCursor"]
    after = ask(query, f=ORDERS, a=cursor)["data"]["lineage"]["upstream"]
    assert [edge["node"]["inputPort"] for edge in after["edges"]] == ["crm"]
    assert ask(query, f=ORDERS, a=cursor, p="crm")["errors"][0]["extensions"]["code"] == "cursor-invalid"


def test_compliance_of_a_version_with_policies_and_findings(data: Any) -> None:
    query = """query Q($f: String) { dataProduct(fqn: $f) { accepted(version: "1.0.0") { version compliance {
        outcome decidedAt bundleRevision policies { policy state enforcement reason }
        findings(dispositions: [WAIVED]) { edges { node {
          policy code message disposition path waiver line } } } } } } }"""
    accepted = data(query, f=ORDERS)["dataProduct"]["accepted"]
    assert accepted["version"] == "1.0.0"
    assert accepted["compliance"] == {
        "outcome": "ACCEPTED",
        "decidedAt": "2026-11-23T16:30:15+00:00",
        "bundleRevision": "sha256:bundle",
        "policies": [
            {"policy": "mesh.ownership.owner_declared", "state": "FAIL", "enforcement": "BLOCKING", "reason": None},
            {
                "policy": "mesh.lineage.resolved",
                "state": "SKIPPED",
                "enforcement": "BLOCKING",
                "reason": "no catalog",
            },
        ],
        "findings": {
            "edges": [
                {
                    "node": {
                        "policy": "mesh.naming.names_follow_pattern",
                        "code": "owner_missing",
                        "message": "info.owner.id is missing",
                        "disposition": "WAIVED",
                        "path": "/info/owner/id",
                        "waiver": "W-1",
                        "line": 4,
                    }
                }
            ]
        },
    }


def test_versions_highest_first(data: Any) -> None:
    query = (
        "query Q($f: String) { dataProduct(fqn: $f) { versions { edges { node { version submittedBy sunset } } } } }"
    )
    edges = data(query, f=ORDERS)["dataProduct"]["versions"]["edges"]
    assert [edge["node"] for edge in edges] == [
        {"version": "1.1.0", "submittedBy": "anna", "sunset": None},
        {"version": "1.0.0", "submittedBy": "anna", "sunset": None},
    ]


def test_every_thing_with_an_id_is_found_by_it_again(data: Any, contain: Any) -> None:
    contain("dev")
    query = """{ dataProduct(fqn: "urn:dpds:org.example:dataproducts:customers:1") { id
        ports { edges { node { id } } } versions { edges { node { id } } } containers { id deployment { id } } } }"""
    told = data(query)["dataProduct"]
    container = told["containers"][0]
    ids = [told["id"], told["ports"]["edges"][0]["node"]["id"], told["versions"]["edges"][0]["node"]["id"]]
    ids += [container["id"], container["deployment"]["id"]]
    found = data("query Q($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", ids=ids)["nodes"]
    assert [one["id"] for one in found] == ids
    assert [one["__typename"] for one in found] == ["DataProduct", "Port", "Version", "Container", "Deployment"]
    assert [data("query Q($id: ID!) { node(id: $id) { id } }", id=one)["node"]["id"] for one in ids] == ids


def test_an_id_of_nothing_is_null_and_no_id_is_an_error(ask: Any, data: Any) -> None:
    gone = [global_id(kind, "00000000-0000-5000-8000-000000000000") for kind in ("DataProduct", "Port", "Unicorn")]
    assert data("query Q($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=gone)["nodes"] == [None, None, None]
    assert ask('{ node(id: "orders") { id } }')["errors"][0]["extensions"]["code"] == "id-invalid"
    many = ask("query Q($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=gone[:1] * 101)
    assert many["errors"][0]["extensions"]["code"] == "page-too-large"


def test_changes_in_their_order_and_from_a_cursor_on(data: Any) -> None:
    query = """query Q($a: String) { changes(first: 3, after: $a) {
        pageInfo { hasNextPage endCursor } edges { node { kind subject principal } } } }"""
    seen: list[dict[str, Any]] = []
    after = None
    for _ in range(10):
        page = data(query, a=after)["changes"]
        seen += [edge["node"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert [one["kind"] for one in seen] == ["decision.accepted", "version.accepted"] * 4
    assert [one["subject"] for one in seen if one["kind"] == "version.accepted"][1:3] == [ORDERS, ORDERS]


def test_containers_per_environment_with_their_newest_deployment(data: Any, contain: Any) -> None:
    dev, qa = contain("dev"), contain("qa")
    query = """query Q($e: String) { dataProduct(fqn: "urn:dpds:org.example:dataproducts:customers:1") {
        containers(environment: $e) { containerId environment status usable inSync resources { name }
          deployment { state action version requestedBy resources { name } } } } }"""
    told = data(query)["dataProduct"]["containers"]
    assert [(one["containerId"], one["environment"]) for one in told] == [(dev, "dev"), (qa, "qa")]
    assert told[0] == {
        "containerId": dev,
        "environment": "dev",
        "status": "PROVISIONING",
        "usable": False,
        "inSync": False,
        "resources": [],
        "deployment": {
            "state": "QUEUED",
            "action": "deploy",
            "version": "1.0.0",
            "requestedBy": "anna",
            "resources": [],
        },
    }
    assert [one["environment"] for one in data(query, e="qa")["dataProduct"]["containers"]] == ["qa"]
    by_id = data("query Q($id: String!) { container(id: $id) { environment deployment { id } } }", id=qa)["container"]
    assert by_id["environment"] == "qa"
    assert data('{ container(id: "none") { id } deployment(id: "none") { id } }') == {
        "container": None,
        "deployment": None,
    }
