"""How many statements does each root field take? On both stores the same, whatever the size of its page.

A field without a row here fails the tests: whoever adds one says what it costs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import doors
import orjson
import pytest
from remembered import accept, identity, product

from api.graphql.answering import Answering
from api.graphql.context import Context
from api.graphql.ids import global_id
from api.graphql.limits import Limits
from api.graphql.request import Request
from api.graphql.schema import schema
from api.wiring import House
from catalog.database import Database
from engine.model import Principal

OLGA = Principal("olga", roles=frozenset({"operator"}))
ORDERS = "urn:dpds:org.example:dataproducts:orders:1"
GLOBAL = global_id("DataProduct", identity("orders").id)


class Row(NamedTuple):
    """A query of one root field, of page size `$n` where it has one, and how many statements it takes."""

    query: str
    statements: int


VARIABLES = ("$n: Int!", "$ids: [ID!]!", "$pair: [ID!]!", "$rego: String!", "$proposed: String!")
REGO = """package need.owned
violation contains {"code": "no_owner", "msg": "no owner", "path": ["info"]} if not input.info.owner
"""
PRODUCT = "{ fqn name ports(first: 5) { edges { node { name } } } versions(first: 5) { edges { node { version } } } }"
ROOTS = {
    "node": Row(f'node(id: "{GLOBAL}") {{ id ... on DataProduct {PRODUCT} }}', 3),
    "nodes": Row("nodes(ids: $ids) { id ... on DataProduct { name } }", 1),
    "search": Row(
        'search(query: "report", first: $n) { total { value } facets { field values { value count } otherCount }'
        " edges { matches { snippet } node { name } } }",
        5,
    ),
    "complete": Row('complete(prefix: "re", first: $n) { kind completions { value } }', 1),
    "dataProduct": Row(f'dataProduct(fqn: "{ORDERS}") {PRODUCT}', 3),
    "dataProducts": Row(f"dataProducts(first: $n) {{ edges {{ node {PRODUCT} }} }}", 3),
    "lineage": Row(
        f'lineage(fqn: "{ORDERS}") {{ product {{ name }} upstream(first: $n) {{ edges {{ node {{ inputPort }} }} }}'
        " downstream(first: $n) { edges { node { outputPort node { ... on DataProduct { name } } } } } }",
        4,
    ),
    "container": Row(
        'container(id: "$container") { environment deployment { state plan { digest } } resources { name } }', 4
    ),
    "deployment": Row('deployment(id: "$container") { state }', 1),
    "deployments": Row(
        "deployments(first: $n) { edges { node { state waiting { reason } events(first: 5) { edges { node { kind } } }"
        " } } }",
        5,
    ),
    "changes": Row("changes(first: $n) { edges { cursor node { kind subject payload } } }", 2),
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
    "compare": Row(
        "compare(products: $pair) { ... on Comparison { differences rows(first: $n) { edges { node { key } } } } }",
        7,
    ),
    "fitness": Row(
        "fitness(requirement: {rego: $rego}, first: $n) { counts { fit unfit undecided } edges { node { name } } }", 4
    ),
    "requirements": Row("requirements(first: $n) { edges { node { name fit unfit } } }", 3),
    "requirement": Row(
        'requirement(id: "none") { name standings(first: 3) { edges { node { product { name } } } } }', 2
    ),
    "catalog": Row(f"catalog(revision: 2) {{ dataProducts(first: $n) {{ edges {{ node {PRODUCT} }} }} }}", 4),
    "containers": Row("containers(first: $n) { edges { node { environment resources { name } } } }", 2),
    "domains": Row("domains { name products }", 1),
    "lineageGraph": Row(
        f'lineageGraph(from: ["{ORDERS}"]) {{ nodes {{ name product {{ name }} }} edges {{ kind }} }}', 4
    ),
    "impact": Row(
        f'impact(product: "{ORDERS}") {{ breaking consumers(first: $n) {{ edges {{ node {{ depth }} }} }} }}', 6
    ),
    "proposedImpact": Row("proposedImpact(descriptor: $proposed) { fqn impact { breaking } }", 2),
    "topology": Row("topology { products edges cycles(first: $n) { edges { node { size } } } }", 2),
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
def test_a_root_field_takes_its_statements_whatever_the_page(grown: str, house: House, counted: Any, root: str) -> None:
    row, answering = ROOTS[root], Answering(schema(), Limits())
    body = row.query.replace("$container", grown)
    names = [one for one in VARIABLES if re.search(re.escape(one.partition(":")[0]) + r"\b", body)]
    query = f"query Q({', '.join(names)}) {{ {body} }}" if names else f"{{ {body} }}"

    def ask(size: int) -> int:
        ids = [global_id("DataProduct", identity(f"report{number}").id) for number in range(min(size, 12))]
        pair = [GLOBAL, global_id("DataProduct", identity("customers").id)]
        proposed = doors.product().decode()
        request = Request(query, {"n": size, "ids": ids, "pair": pair, "rego": REGO, "proposed": proposed}, None)
        with counted() as sent:
            answer = answering.answer(request, Context(house, OLGA))
        assert "errors" not in orjson.loads(answer.content), answer
        return len(sent)

    ask(1)  # what is read once for all requests, such as the rules, is read
    assert [ask(size) for size in (1, 4, 15)] == [row.statements] * 3
