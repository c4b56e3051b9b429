"""What does GraphQL answer about differences, blame, impact and the shape of the mesh?"""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from deriving import of, sold
from remembered import accept, identity

from api.graphql.answering import Answering
from api.graphql.context import Context
from api.graphql.limits import Limits
from api.graphql.request import Request
from api.graphql.schema import schema
from api.wiring import House
from catalog.database import Database
from engine.model import Principal

CHANGED = """
dataProductDescriptor: 1.0.0
info:
  fullyQualifiedName: urn:dpds:org.example:dataproducts:raw:1
  entityType: dataproduct
  name: raw
  version: %s
  domain: sales
  owner: {id: jo@example.com}
interfaceComponents:
  outputPorts:
    - name: %s
      version: 1.0.0
      promises:
        api:
          specification: datastoreapi
          definition:
            schema:
              tables: [{name: placed, columns: [{name: id, type: string}, {name: note, type: string}]}]
"""
PROPOSED = """query Q($d: String!) { proposedImpact(descriptor: $d) { fqn version
  diff { before now level changes { edges { node { level area portKind port column pointer before now } } } }
  impact { complete breaking owners { owner breaking consumers }
    consumers { edges { node { fqn depth breaks owner domain ways { outputPort inputPort column } } } } } } }"""


@pytest.fixture
def ask(house: House) -> Any:
    """Asks as somebody who may read."""
    answering = Answering(schema(), Limits())

    def asked(query: str, **variables: Any) -> Any:
        context = Context(house, Principal("rita", frozenset({"reader"})))
        return orjson.loads(answering.answer(Request(query, variables, None), context).content)

    return asked


def reached(told: Any) -> list[tuple[str, int, bool]]:
    return [
        (edge["node"]["fqn"].split(":")[-2], edge["node"]["depth"], edge["node"]["breaks"])
        for edge in told["impact"]["consumers"]["edges"]
    ]


def test_a_proposed_descriptor_tells_what_it_breaks_and_whose_that_is(data: Any, database: Database) -> None:
    sold(database)
    told = data(PROPOSED, d=CHANGED % ("1.1.0", "placed"))["proposedImpact"]
    assert (told["diff"]["before"], told["diff"]["now"], told["diff"]["level"]) == ("1.0.0", "1.1.0", "MAJOR")
    gone = told["diff"]["changes"]["edges"][0]["node"]
    assert gone == {
        "level": "MAJOR",
        "area": "COLUMN",
        "portKind": "OUTPUTPORT",
        "port": "placed",
        "column": "placed.cents",
        "pointer": "/interfaceComponents/outputPorts/0/promises/api/definition",
        "before": '{"type":"string","nullable":true,"description":"","tags":[]}',
        "now": None,
    }
    assert reached(told) == [("orders", 1, True), ("board", 2, False), ("revenue", 2, False)]
    assert (told["impact"]["breaking"], told["impact"]["complete"]) == (1, True)
    assert told["impact"]["owners"] == [{"owner": "jo@example.com", "breaking": 1, "consumers": 3}]


def test_a_renamed_port_breaks_every_reader(data: Any, database: Database) -> None:
    sold(database)
    told = data(PROPOSED, d=CHANGED % ("1.1.0", "renamed"))["proposedImpact"]
    assert [one for one in reached(told) if one[1] == 1] == [("apart", 1, True), ("orders", 1, True)]


def test_a_new_major_reaches_only_who_leaves_the_major_open(data: Any, database: Database) -> None:
    sold(database)
    accept(database, name="open", reads=[("in", "urn:dpds:org.example:dataproducts:raw:outputports:placed")])
    next_major = (CHANGED % ("2.0.0", "placed")).replace("raw:1", "raw:2")
    assert reached(data(PROPOSED, d=next_major)["proposedImpact"]) == [("open", 1, False)]
    elsewhere = (CHANGED % ("2.0.0", "other")).replace("raw:1", "raw:2")
    assert reached(data(PROPOSED, d=elsewhere)["proposedImpact"]) == []


def test_what_nobody_sees_reaches_nobody(data: Any, ask: Any, database: Database) -> None:
    sold(database)
    same = data(PROPOSED, d=CHANGED % ("1.0.0", "placed"))["proposedImpact"]
    assert (same["diff"]["level"], same["impact"]) == ("MAJOR", None)
    new = data(PROPOSED, d=(CHANGED % ("1.0.0", "placed")).replace("raw", "fresh"))["proposedImpact"]
    assert (new["diff"], new["impact"]) == (None, None)
    for hostile in ("", "}{", "a: &x [*x]", "\0", "info: {name: raw}", "[" * 10_000):
        answer = ask(PROPOSED, d=hostile)
        assert answer["errors"][0]["extensions"]["code"] == "descriptor-unreadable", hostile


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["apart", "orders", "board", "revenue"]),
        ({"p": "placed", "c": ["note"]}, ["apart"]),
        ({"p": "placed", "c": ["placed.id"], "d": 1}, ["orders"]),
    ],
)
def test_impact_of_a_product_port_and_column(
    data: Any, database: Database, asked: dict[str, Any], expected: list[str]
) -> None:
    sold(database)
    query = """query Q($r: String!, $p: String, $c: [String!], $d: Int) {
        impact(product: $r, port: $p, columns: $c, depth: $d) { consumers { edges { node { product { name } } } } } }"""
    edges = data(query, r=identity("raw").fqn, **asked)["impact"]["consumers"]["edges"]
    assert [edge["node"]["product"]["name"] for edge in edges] == expected


def test_impact_of_what_is_not_there_is_an_error(ask: Any, database: Database) -> None:
    sold(database)
    query = "query Q($r: String!, $p: String) { impact(product: $r, port: $p) { breaking } }"
    for asked in ({"r": "nonsense"}, {"r": identity("raw").fqn, "p": "gone"}):
        assert ask(query, **asked)["errors"][0]["extensions"]["code"] == "not-found"


def test_diff_and_blame_hang_off_products_and_versions(data: Any, database: Database, counted: Any) -> None:
    for minor, kinds in enumerate(["string", "integer"]):
        told = [{"name": "a", "type": kinds}, *([{"name": "b", "type": "string"}] if minor else [])]
        accept(database, name="orders", version=f"1.{minor}.0", columns={"placed": told})
    query = """{ dataProducts(first: 10) { edges { node { name
        diff { before now level changes(first: 1) { edges { node { message area now } } pageInfo { hasNextPage } } }
        older: diff(to: "1.0.0") { now } missing: diff(from: "9.0.0") { now }
        blame { complete edges { node { column introduced { version } changed { version submittedBy } } } }
        versions { edges { node { version diff { before } turned: diff(against: "1.1.0") { level } } } } } } } }"""
    with counted() as sent:
        (edge,) = data(query)["dataProducts"]["edges"]
    once = len(sent)
    node = edge["node"]
    assert (node["diff"]["before"], node["diff"]["now"], node["diff"]["level"]) == ("1.0.0", "1.1.0", "MAJOR")
    assert node["diff"]["changes"]["pageInfo"]["hasNextPage"] is True
    assert (node["older"], node["missing"]) == (None, None)
    blamed = {one["node"]["column"]: one["node"] for one in node["blame"]["edges"]}
    assert blamed["placed.a"]["introduced"]["version"] == "1.0.0"
    assert blamed["placed.a"]["changed"] == {"version": "1.1.0", "submittedBy": "anna"}
    versions = [one["node"] for one in node["versions"]["edges"]]
    assert versions[0] == {"version": "1.1.0", "diff": {"before": "1.0.0"}, "turned": {"level": None}}
    assert versions[1] == {"version": "1.0.0", "diff": None, "turned": {"level": "MAJOR"}}
    for name in ("more", "many"):
        accept(database, name=name, columns={"placed": [{"name": "a", "type": "string"}]})
    with counted() as sent:
        data(query)
    assert len(sent) == once


def test_the_shape_of_the_mesh(data: Any, database: Database) -> None:
    sold(database)
    accept(database, name="ring", reads=[("own", of("ring"))])
    accept(database, name="lone")
    query = """{ topology { products edges complete
        cycles { edges { node { size members { name product { version } } } } }
        orphans { edges { node { name } } }
        mostRead(first: 1) { edges { node { others product { name } } } pageInfo { hasNextPage } }
        mostReading { edges { node { others } } }
        reliedOn { edges { node { others product { name domain } } } }
        couplings { edges { node { source target sources targets edges } } }
        longestChain { edges { node { name } } } } }"""
    told = data(query)["topology"]
    assert (told["products"], told["edges"], told["complete"]) == (7, 5, True)
    assert told["cycles"]["edges"] == [
        {"node": {"size": 1, "members": [{"name": "ring", "product": {"version": "1.0.0"}}]}}
    ]
    assert [edge["node"]["name"] for edge in told["orphans"]["edges"]] == ["lone"]
    assert told["mostRead"]["edges"] == [{"node": {"others": 2, "product": {"name": "orders"}}}]
    assert told["reliedOn"]["edges"][0]["node"]["others"] == 4
    assert {"source": "sales", "target": "finance", "sources": 1, "targets": 1, "edges": 1} in [
        edge["node"] for edge in told["couplings"]["edges"]
    ]
    assert [edge["node"]["name"] for edge in told["longestChain"]["edges"]][:2] == ["raw", "orders"]
