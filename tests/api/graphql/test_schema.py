"""Is the schema the committed one, is everything in it described, and do stock tools read it?"""

from __future__ import annotations

from typing import Any

import graphql
import orjson
import pytest

from api.graphql.answering import Answering
from api.graphql.limits import Limits
from api.graphql.request import Request
from api.graphql.schema import SDL, printed, schema


def test_the_committed_schema_is_the_one_that_is_answered() -> None:
    assert printed() == SDL.read_text("utf-8"), "run `python -m api.graphql.schema` and look at what changed"


def undescribed(name: str, kind: Any) -> list[str]:
    parts: dict[str, Any] = dict(getattr(kind, "fields", {})) | dict(getattr(kind, "values", {}))
    missing = [] if kind.description else [name]
    for part, definition in parts.items():
        missing += [] if definition.description else [f"{name}.{part}"]
        arguments = getattr(definition, "args", {})
        missing += [f"{name}.{part}({argument})" for argument, one in arguments.items() if not one.description]
    return missing


def test_every_type_field_argument_and_value_is_described() -> None:
    own = {name: kind for name, kind in schema().type_map.items() if not name.startswith("__")}
    assert [missing for name, kind in own.items() for missing in undescribed(name, kind)] == []


def test_only_ids_and_compared_values_may_be_nothing_in_a_list() -> None:
    objects = {name: kind for name, kind in schema().type_map.items() if isinstance(kind, graphql.GraphQLObjectType)}
    lists = {
        f"{name}.{field}": str(one.type)
        for name, kind in objects.items()
        if not name.startswith("__")
        for field, one in kind.fields.items()
        if "[" in str(one.type)
    }
    nullable = [field for field, kind in lists.items() if not kind.endswith("!]!")]
    assert nullable == [
        "Query.nodes",
        "ComparisonRow.values",
    ]


@pytest.mark.parametrize("deprecated", [True, False])
def test_a_client_can_rebuild_the_schema_from_the_stock_introspection(deprecated: bool) -> None:
    query = graphql.get_introspection_query(input_value_deprecation=deprecated)
    answer = Answering(schema(), Limits()).answer(Request(query, {}, "IntrospectionQuery"), None)
    rebuilt = graphql.build_client_schema(orjson.loads(answer.content)["data"])
    assert in_order(rebuilt) == in_order(schema())


def in_order(one: graphql.GraphQLSchema) -> str:
    return graphql.print_schema(graphql.lexicographic_sort_schema(one))
