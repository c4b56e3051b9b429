"""What is the schema as a whole, and how is it written down?"""

from __future__ import annotations

from pathlib import Path

import graphene
from graphql import GraphQLSchema, print_schema

from api.graphql.types.container import Container, Deployment
from api.graphql.types.port import Port
from api.graphql.types.query import Query
from api.graphql.types.subscription import Subscription
from api.graphql.types.version import Version

SDL = Path(__file__).with_name("schema.graphql")


def schema() -> GraphQLSchema:
    """The schema that `/graphql` answers."""
    return graphene.Schema(
        Query, subscription=Subscription, types=[Port, Version, Container, Deployment]
    ).graphql_schema


def printed() -> str:
    """The schema in its own language, as the committed `schema.graphql` must hold it."""
    return print_schema(schema()) + "\n"


if __name__ == "__main__":
    SDL.write_text(printed(), "utf-8")
