"""What does GraphQL answer about lineage of any depth?"""

from __future__ import annotations

from typing import Any

import remembered

from catalog.database import Database

CUSTOMERS = "urn:dpds:org.example:dataproducts:customers:1"
ORDERS = "urn:dpds:org.example:dataproducts:orders:1"
REVENUE = "urn:dpds:org.example:dataproducts:revenue:2"
NAMES = "query Q($f: [String!]!, $d: Int) { lineageGraph(from: $f, depth: $d) { complete nodes { name frontier } } }"


def test_upstream_of_a_product_to_its_end(data: Any, mesh: Database) -> None:
    query = """query Q($f: [String!]!) { lineageGraph(from: $f, direction: UPSTREAM, depth: null) {
        complete
        nodes { kind name domain status upstream downstream matches frontier product { displayName } }
        edges { kind outputPort inputPort inferred } } }"""
    told = data(query, f=[REVENUE])["lineageGraph"]
    flat = {"matches": True, "frontier": False, "downstream": None}
    product = {"kind": "PRODUCT", "status": "ACTIVE", "product": {"displayName": ""}, **flat}
    outside = {"domain": "", "status": None, "product": None, **flat}
    lost = "urn:dpds:org.example:dataproducts:lost:1:outputports:gone"
    assert told["complete"] is True
    assert sorted(told["nodes"], key=lambda one: (one["upstream"], one["name"])) == [
        {"name": "revenue", "domain": "finance", "upstream": 0, **product},
        {"name": "orders", "domain": "sales", "upstream": 1, **product},
        {"name": "customers", "domain": "customer", "upstream": 2, **product},
        {"name": "the old CRM", "kind": "EXTERNAL", "upstream": 2, **outside},
        {"name": lost, "kind": "DANGLING", "upstream": 2, **outside},
    ]
    assert {"kind": "READS", "outputPort": "placed", "inputPort": "orders", "inferred": False} in told["edges"]


def test_edges_name_nodes_by_their_keys(data: Any, mesh: Database) -> None:
    query = """{ lineageGraph(from: ["%s"], level: PORT, direction: DOWNSTREAM) {
        nodes { key kind port } edges { source target kind inferred } } }"""
    told = data(query % f"{CUSTOMERS}:outputports:profile")["lineageGraph"]
    keys = {node["key"] for node in told["nodes"]}
    assert {end for edge in told["edges"] for end in (edge["source"], edge["target"])} == keys
    assert {(edge["kind"], edge["inferred"]) for edge in told["edges"]} == {("READS", False), ("FEEDS", True)}


def test_a_walk_begins_at_an_id_of_graphql_or_of_rest(data: Any, mesh: Database) -> None:
    told = data("query Q($f: String) { dataProduct(fqn: $f) { id } }", f=ORDERS)["dataProduct"]["id"]
    rest = remembered.identity("orders").id
    answers = [data(NAMES, f=[start], d=1)["lineageGraph"] for start in (told, rest, ORDERS)]
    assert answers[0] == answers[1] == answers[2]


def test_filters_keep_the_way_to_what_they_ask_for(data: Any, mesh: Database) -> None:
    query = """{ lineageGraph(from: ["%s"], %s) { nodes { name matches } } }"""
    for asked in ('domains: ["customer"]', 'where: {tag: {eq: "gold"}}'):
        told = data(query % (REVENUE, asked))["lineageGraph"]["nodes"]
        assert [(one["name"], one["matches"]) for one in told] == [
            ("revenue", False),
            ("orders", False),
            ("customers", True),
        ]


def test_what_cannot_be_asked_says_why(ask: Any, mesh: Database) -> None:
    def code(**asked: Any) -> str:
        told = {"f": [ORDERS], **asked}
        return str(ask(NAMES, **told)["errors"][0]["extensions"]["code"])

    assert code(f=["urn:dpds:org.example:dataproducts:gone:1"]) == "not-found"
    assert code(f=["\0"]) == "not-found"
    assert code(f=[]) == "lineage-invalid"
    assert code(d=0) == "lineage-invalid"
    assert code(f=[f"{ORDERS}#id"]) == "lineage-invalid"
    assert code(f=[ORDERS] * 21) == "lineage-invalid"
    deep = ask(NAMES, f=[ORDERS], d=10**9)
    assert len(deep["data"]["lineageGraph"]["nodes"]) == 5


def test_a_large_graph_is_weighed(ask: Any, mesh: Database) -> None:
    query = 'query Q($m: Int!) { lineageGraph(from: ["%s"], most: $m) { nodes { name %s } edges { source } } }'
    ports = "product { ports(first: 20) { edges { node { name } } } }"
    assert ask(query % (ORDERS, ""), m=10_000)["extensions"]["cost"]["requested"] == 2_001
    assert ask(query % (ORDERS, ports), m=100)["extensions"]["cost"]["requested"] < 1_000
    refused = ask(query % (ORDERS, ports), m=10_000)["errors"][0]["extensions"]["code"]
    assert refused == "query-too-expensive"
    assert ask(query % (ORDERS, ""), m=10_001)["errors"][0]["extensions"]["code"] == "lineage-invalid"


def test_products_of_all_nodes_take_one_statement_more(data: Any, mesh: Database, counted: Any) -> None:
    query = "query Q($f: [String!]!) { lineageGraph(from: $f) { nodes { name %s } } }"
    numbers = []
    for more in ("", "product { displayName }"):
        with counted() as sent:
            data(query % more, f=[REVENUE])
        numbers.append(len(sent))
    assert numbers[1] == numbers[0] + 1
