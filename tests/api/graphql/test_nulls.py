"""What is answered where a client sends null for an argument that has a default? Many send it for what nobody set."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest
from graphql import GraphQLObjectType, is_introspection_type
from graphql.pyutils import Undefined

from api.graphql.answering import Answering
from api.graphql.context import Context
from api.graphql.limits import Limits
from api.graphql.request import Request
from api.graphql.schema import schema
from api.graphql.types.walk import ENDLESS_BY_NULL
from api.wiring import House
from catalog.database import Database
from engine.model import Principal

OLGA = Principal("olga", roles=frozenset({"operator"}))
REVENUE = "urn:dpds:org.example:dataproducts:revenue:2"
FEEDER = "urn:dpds:org.example:dataproducts:customers:1"
GRAPH = f'lineageGraph(from: ["{REVENUE}"], %s: $v) {{ complete nodes {{ kind name }} }}'
RULE = r"package need.any\nviolation contains {\"code\": \"x\", \"msg\": \"y\"} if not input.info.owner"
FIT = f'fitness(requirement: {{rego: "{RULE}"}}, candidates: $v) {{ considered edges {{ node {{ name }} }} }}'
ROWS = "... on Comparison { rows(%s: $v) { edges { node { key } } } }"
COMPARED = f'compare(products: ["{FEEDER}", "{REVENUE}"]) {{ {ROWS} }}'
SAMPLED = (
    f'dataProduct(fqn: "{FEEDER}") {{ ports(first: 1) {{ edges {{ node {{ sample(%s: $v) {{ __typename }} }} }} }} }}'
)
ASKED = (
    ("first", "Int", "dataProducts(first: $v) { edges { node { name } } }"),
    ("first", "Int", "search { facets(first: $v) { field values { value } } }"),
    ("first", "Int", 'complete(prefix: "r", first: $v) { completions { value } }'),
    ("first", "Int", COMPARED % "first"),
    ("first", "Int", SAMPLED % "first"),
    ("differing", "Boolean", COMPARED % "differing"),
    ("purpose", "String", SAMPLED % "purpose"),
    ("query", "String", "search(query: $v) { total { value } edges { node { name } } }"),
    ("candidates", "Int", FIT),
    ("most", "Int", GRAPH % "most"),
    ("direction", "LineageDirection", GRAPH % "direction"),
    ("level", "LineageLevel", GRAPH % "level"),
)


@pytest.mark.parametrize(("kind", "field"), [row[1:] for row in ASKED])
def test_null_is_answered_and_costs_like_what_is_left_out(house: House, mesh: Database, kind: str, field: str) -> None:
    answering = Answering(schema(), Limits())

    def ask(query: str, **variables: Any) -> Any:
        return orjson.loads(answering.answer(Request(query, variables, None), Context(house, OLGA)).content)

    query = f"query Q($v: {kind}) {{ {field} }}"
    told = [ask(query, v=None), ask(query), ask("{ " + field.replace("$v", "null") + " }")]
    left_out = ask("{ " + re.sub(r",? ?\w+: \$v", "", field).replace("()", "") + " }")
    assert "errors" not in left_out
    assert told == [left_out] * 3


def test_no_other_argument_has_a_default() -> None:
    found = {
        name
        for one in schema().type_map.values()
        if isinstance(one, GraphQLObjectType) and not is_introspection_type(one)
        for field in one.fields.values()
        for name, argument in field.args.items()
        if argument.default_value is not Undefined
    }
    assert found == {row[0] for row in ASKED} | {ENDLESS_BY_NULL}
