"""What is the schema as a whole, and how is it written down?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import graphene
from graphql import GraphQLObjectType, GraphQLSchema, is_introspection_type, print_schema
from graphql.pyutils import Undefined

from api.graphql.types.container import Container, Deployment
from api.graphql.types.port import Port
from api.graphql.types.query import Query
from api.graphql.types.subscription import Subscription
from api.graphql.types.version import Version
from api.graphql.types.walk import ENDLESS_BY_NULL

SDL = Path(__file__).with_name("schema.graphql")


def schema() -> GraphQLSchema:
    """The schema that `/graphql` answers."""
    whole = graphene.Schema(
        Query, subscription=Subscription, types=[Port, Version, Container, Deployment]
    ).graphql_schema
    for one in whole.type_map.values():
        if isinstance(one, GraphQLObjectType) and not is_introspection_type(one):
            _take_null_for_left_out(one)
    return whole


def printed() -> str:
    """The schema in its own language, as the committed `schema.graphql` must hold it."""
    return print_schema(schema()) + "\n"


def _take_null_for_left_out(kind: GraphQLObjectType) -> None:
    """Clients send null for a variable that nobody set; GraphQL itself keeps the default for what is left out."""
    for field in kind.fields.values():
        usual = {
            argument.out_name or name: argument.default_value
            for name, argument in field.args.items()
            if argument.default_value not in (Undefined, None) and name != ENDLESS_BY_NULL
        }
        if usual and field.resolve:
            field.resolve = _with(usual, field.resolve)


def _with(usual: Mapping[str, Any], resolve: Callable[..., Any]) -> Callable[..., Any]:
    def resolved(source: Any, info: Any, **given: Any) -> Any:
        for name, value in usual.items():
            if given.get(name) is None:
                given[name] = value
        return resolve(source, info, **given)

    return resolved


if __name__ == "__main__":
    SDL.write_text(printed(), "utf-8")
