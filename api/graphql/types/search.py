"""Which data products match a text, and why?"""

from __future__ import annotations

from typing import Any, NamedTuple

import graphene

from api.graphql.execution import of_source
from api.graphql.types.enums import closed_set
from api.graphql.types.page import connection
from api.graphql.types.product import DataProduct

MatchKind = closed_set(
    "MatchKind",
    "How well a product matches, best first.",
    {
        "fqn": "The text is its fully qualified name.",
        "name": "The text is its name.",
        "prefix": "Its name begins with the text.",
        "text": "All words of the text are found in it.",
    },
)

MatchField = closed_set(
    "MatchField",
    "The weightiest part of a product in which all words were found.",
    {
        "name": "Its names.",
        "port": "Its names or those of its ports.",
        "facet": "Those, or its domain, owner and tags.",
        "description": "Those, or the descriptions.",
    },
)


class Total(graphene.ObjectType):
    """How many items a list has."""

    value = graphene.Int(required=True, description="The number that was counted.")
    exact = graphene.Boolean(required=True, description="False when there are more than were counted.")


class HitEdge(NamedTuple):
    """A hit on its page; its node is the product that was found."""

    page: Any
    hit: Any

    @property
    def node(self) -> Any:
        return self.hit.product


@of_source
def _cursor(edge: Any, _: Any) -> str:
    return str(edge.page.cursor(edge.hit))


@of_source
def _match(edge: Any, _: Any) -> str:
    return str(edge.hit.match)


@of_source
def _field(edge: Any, _: Any) -> str:
    return str(edge.hit.field)


SearchConnection = connection(
    "Search",
    DataProduct,
    "hits of a search, best first",
    edge={
        "match": graphene.Field(MatchKind, required=True, description="How well it matches."),
        "field": graphene.Field(MatchField, required=True, description="Where the words were found."),
        "resolve_cursor": _cursor,
        "resolve_match": _match,
        "resolve_field": _field,
    },
    total=graphene.Field(Total, required=True, description="How many products match."),
)
