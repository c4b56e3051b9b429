"""How many statements does each root field take? On both stores the same, whatever the size of its page.

A field without a row here fails the tests: whoever adds one says what it costs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from remembered import accept, identity, product

from api.graphql.ids import global_id
from api.graphql.schema import schema
from api.wiring import House
from catalog.database import Database

ORDERS = "urn:dpds:org.example:dataproducts:orders:1"
GLOBAL = global_id("DataProduct", identity("orders").id)


class Row(NamedTuple):
    """A query of one root field, of page size `$n` where it has one, and how many statements it takes."""

    query: str
    statements: int


PRODUCT = "{ fqn name ports(first: 5) { edges { node { name } } } versions(first: 5) { edges { node { version } } } }"
ROOTS = {
    "node": Row(f'node(id: "{GLOBAL}") {{ id ... on DataProduct {PRODUCT} }}', 3),
    "nodes": Row("nodes(ids: $ids) { id ... on DataProduct { name } }", 1),
    "search": Row(
        'search(query: "report", first: $n) { total { value } facets { field values { value count } otherCount }'
        " edges { matches { snippet } node { name } } }",
        4,
    ),
    "complete": Row('complete(prefix: "re", first: $n) { kind completions { value } }', 1),
    "dataProduct": Row(f'dataProduct(fqn: "{ORDERS}") {PRODUCT}', 3),
    "dataProducts": Row(f"dataProducts(first: $n) {{ edges {{ node {PRODUCT} }} }}", 3),
    "lineage": Row(
        f'lineage(fqn: "{ORDERS}") {{ product {{ name }} upstream(first: $n) {{ edges {{ node {{ inputPort }} }} }}'
        " downstream(first: $n) { edges { node { outputPort node { ... on DataProduct { name } } } } } }",
        4,
    ),
    "container": Row('container(id: "$container") { environment deployment { state } resources { name } }', 3),
    "deployment": Row('deployment(id: "$container") { state }', 1),
    "changes": Row("changes(first: $n) { edges { cursor node { kind subject payload } } }", 1),
    "releases": Row("releases(first: $n) { edges { node { at } } }", 1),
    "opas": Row("opas(first: $n) { edges { node { at } } }", 1),
    "globalPolicies": Row("globalPolicies(first: $n) { edges { node { globalId policies { policyId } } } }", 1),
    "globalPolicy": Row('globalPolicy(id: "owners") { globalId }', 1),
    "policies": Row(
        "policies(first: $n) { edges { node { policyId coverage { products }"
        " findings(first: 3) { edges { node { code } } } } } }",
        2,
    ),
    "policy": Row('policy(id: "mesh.ownership.owner_declared") { policyId coverage { products } }', 2),
    "waivers": Row("waivers(first: $n) { edges { node { waiverId state } } }", 1),
}


def test_every_root_field_has_its_row() -> None:
    query = schema().query_type
    assert query is not None
    assert ROOTS.keys() == query.fields.keys()


@pytest.fixture
def grown(mesh: Database, contain: Callable[[str], str]) -> str:
    """Twelve more products and a container, so that small and large pages differ; the container's id."""
    for number in range(12):
        reads = [("orders", f"{ORDERS}:outputports:placed")]
        accept(mesh, product(f"report{number}", outputs=["a", "b"], reads=reads))
    return contain("dev")


@pytest.mark.parametrize("root", ROOTS)
def test_a_root_field_takes_its_statements_whatever_the_page(
    grown: str, house: House, data: Any, counted: Any, root: str
) -> None:
    row = ROOTS[root]
    body = row.query.replace("$container", grown)
    names = [one for one in ("$n: Int!", "$ids: [ID!]!") if one.partition(":")[0] in body]
    query = f"query Q({', '.join(names)}) {{ {body} }}" if names else f"{{ {body} }}"
    data(query, n=1, ids=[GLOBAL])  # what is read once for all requests, such as the rules, is read
    sent = []
    for size in (1, 4, 15):
        ids = [global_id("DataProduct", identity(f"report{number}").id) for number in range(min(size, 12))]
        with counted() as statements:
            data(query, n=size, ids=ids)
        sent.append(len(statements))
    assert sent == [row.statements] * 3
