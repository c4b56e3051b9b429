"""Does the number of statements depend on the shape of a query alone, never on the size of its pages?"""

from __future__ import annotations

from typing import Any

import pytest
import remembered

from api.graphql.answering import Answering
from api.graphql.context import Context
from api.graphql.limits import Limits
from api.graphql.request import Request
from api.graphql.schema import schema
from api.wiring import House
from catalog.database import Database

ORDERS = "urn:dpds:org.example:dataproducts:orders:1"


@pytest.fixture
def readers(mesh: Database) -> Database:
    """Twelve more products, each reading orders and the one before it."""
    before = f"{ORDERS}:outputports:placed"
    for number in range(12):
        reads = [("orders", f"{ORDERS}:outputports:placed"), ("before", before)]
        remembered.accept(mesh, remembered.product(f"report{number}", outputs=["a", "b"], reads=reads))
        before = f"urn:dpds:org.example:dataproducts:report{number}:1:outputports:a"
    return mesh


SHAPES = {
    "search": (
        '{ search(query: "report", first: $n) { total { value } edges { node { id name version owner } } } }',
        1,
    ),
    "products": ("{ dataProducts(first: $n) { edges { node { name } } } }", 1),
    "ports": ("{ dataProducts(first: $n) { edges { node { name ports(first: 5) { edges { node { name } } } } } } }", 2),
    "versions": (
        "{ dataProducts(first: $n) { edges { node { versions(first: 3) { edges { node { version compliance { outcome }"
        " ports(first: 2) { edges { node { name } } } } } } } } } }",
        4,
    ),
    "compliance": (
        "{ dataProducts(first: $n) { edges { node { compliance { findings { edges { node { code } } } } } } } }",
        2,
    ),
    "lineage": (
        "{ dataProducts(first: $n) { edges { node { upstream(first: 3) { edges { node { node {"
        " ... on DataProduct { name ports(first: 2) { edges { node { name } } } } } } } } } } } }",
        4,
    ),
    "two steps": (
        "{ dataProducts(first: $n) { edges { node { downstream(first: 3) { edges { node { node {"
        " ... on DataProduct { downstream(first: 3) { edges { node { node {"
        " ... on DataProduct { name } } } } } } } } } } } } } }",
        5,
    ),
    "access": (
        "{ dataProducts(first: $n) { edges { node { accessRequests(first: 3) { edges { node { subject effect"
        " effectReason } } } containers { accessGrants { port subjects } } } } } }",
        3,
    ),
    "containers": (
        "{ dataProducts(first: $n) { edges { node { containers { environment resources { name }"
        " deployment { state } } } } } }",
        2,
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_statements_of_a_page_do_not_grow_with_it(readers: Database, data: Any, counted: Any, shape: str) -> None:
    query, expected = SHAPES[shape]
    sent = []
    for size in (2, 6, 15):
        with counted() as statements:
            data("query Q($n: Int!) " + query, n=size)
        sent.append(len(statements))
    assert sent == [expected] * 3


@pytest.mark.parametrize("shape", SHAPES)
def test_both_executors_answer_the_mesh_alike(readers: Database, house: House, shape: str) -> None:
    request = Request("query Q($n: Int!) " + SHAPES[shape][0], {"n": 15}, None)
    fast, stock = (
        Answering(schema(), Limits(), fast=fast).answer(request, Context(house, remembered.ANNA)).content
        for fast in (True, False)
    )
    assert fast == stock


def test_containers_with_deployments_and_resources_take_four_statements(data: Any, contain: Any, counted: Any) -> None:
    for environment in ("dev", "qa", "prod"):
        contain(environment)
    with counted() as statements:
        data("query Q($n: Int!) " + SHAPES["containers"][0], n=15)
    assert len(statements) == 4


def test_what_is_not_asked_for_is_not_read(readers: Database, data: Any, counted: Any) -> None:
    with counted() as statements:
        data("{ __typename __schema { queryType { name } } }")
    assert statements == []


def test_ids_of_many_things_are_read_by_their_kind(readers: Database, data: Any, counted: Any) -> None:
    told = data("{ dataProducts(first: 15) { edges { node { id ports { edges { node { id } } } } } } }")["dataProducts"]
    products = [edge["node"]["id"] for edge in told["edges"]]
    ports = [port["node"]["id"] for edge in told["edges"] for port in edge["node"]["ports"]["edges"]]
    with counted() as statements:
        data("query Q($ids: [ID!]!) { nodes(ids: $ids) { id ... on DataProduct { name } } }", ids=products + ports)
    assert len(statements) == 2
