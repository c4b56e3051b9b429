"""Which data products match a text and a filter, and why?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import graphene

from api.graphql.context import Context
from api.graphql.execution import of_source
from api.graphql.types.enums import closed_set
from api.graphql.types.facet import Facet, FacetField
from api.graphql.types.page import answered, connection, sized
from api.graphql.types.product import DataProduct
from api.graphql.types.where import tree
from catalog.search.facets import COUNTED
from catalog.search.statement import Order
from catalog.search.where import Where

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

SearchOrder = closed_set(
    "SearchOrder",
    "Which of the hits come first.",
    {
        "best": "Those that match best: see `MatchKind` and `MatchField`, then active ones, then by fqn.",
        "trust": "Those with the highest trust score, those without one last; among equals those that match best.",
    },
)

MatchField = closed_set(
    "MatchField",
    "The weightiest part of a product in which all words were found.",
    {
        "name": "Its names.",
        "port": "Its names or those of its ports and their columns.",
        "facet": "Those, or its domain, owner and tags.",
        "description": "Those, or the descriptions.",
    },
)

MatchedText = closed_set(
    "MatchedText",
    "Which text of a product holds words of a query, weightiest first.",
    {
        "name": "Its name.",
        "display_name": "Its display name.",
        "fqn": "Its fully qualified name.",
        "port": "The name or display name of a port.",
        "column": "A column: its path, its tags or its description.",
        "domain": "Its domain.",
        "owner": "Its owner.",
        "tag": "A tag of the product or of a port.",
        "description": "The description of the product or of a port.",
    },
)


class Match(graphene.ObjectType):
    """One text of a hit in which words of the query were found."""

    field = graphene.Field(MatchedText, required=True, description="Which text.")
    port = graphene.String(required=True, description="The port that it belongs to; empty for one of the product.")
    column = graphene.String(required=True, description="Path of the column that it belongs to; empty for no column.")
    snippet = graphene.String(required=True, description="The text, or of a long one the piece around the word.")


class Total(graphene.ObjectType):
    """How many items a list has."""

    value = graphene.Int(required=True, description="The number that was counted.")
    exact = graphene.Boolean(required=True, description="False when there are more than were counted.")


class SearchHint(graphene.ObjectType):
    """A term of the query that was read as words, though it looks like a filter."""

    term = graphene.String(required=True, description="The term, as it was typed.")
    says = graphene.String(required=True, description="Why it is no filter.")
    line = graphene.String(description="The query with the term that may have been meant; null where none is likely.")


class Asked(NamedTuple):
    """What a search was asked for."""

    line: str
    where: Where | None


class HitEdge(NamedTuple):
    """A hit on its page; its node is the product that was found."""

    page: Any
    hit: Any
    asked: Asked

    @property
    def node(self) -> Any:
        return self.hit.product


def searched(
    context: Context, line: str, where: Mapping[str, Any] | None, order: Any, first: int, after: str | None
) -> dict[str, Any]:
    """The source of the connection for this search."""
    asked = Asked(line, tree(where))
    how: dict[str, Any] = {"where": asked.where, "order": Order(order.value) if order else Order.BEST}
    page = context.house.search.page(asked.line, **how, principal=context.principal, first=first, after=after)
    context.siblings.together(hit.product for hit in page.items)
    total = {"value": page.total, "exact": page.exact}
    return answered(page, after, edge=lambda hit: HitEdge(page, hit, asked), total=total, asked=asked)


@of_source
def _cursor(edge: Any, _: Any) -> str:
    return str(edge.page.cursor(edge.hit))


@of_source
def _match(edge: Any, _: Any) -> str:
    return str(edge.hit.match)


@of_source
def _field(edge: Any, _: Any) -> str:
    return str(edge.hit.field)


def _matches(edge: HitEdge, info: Any) -> Any:
    """Read for all hits of the page at once."""
    context, asked = info.context, edge.asked

    def of_all(_: list[str]) -> Mapping[str, Any]:
        products = [hit.product for hit in edge.page.items]
        return context.house.search.matches(asked.line, products, where=asked.where, principal=context.principal)

    return context.siblings.read(edge.hit.product, "version_id", ("matches", asked), of_all) or ()


def _facets(source: Any, info: Any, first: int, fields: list[Any] | None = None) -> Any:
    context, asked = info.context, source["asked"]
    wanted = list(COUNTED) if fields is None else [one.value for one in fields]
    told = {"where": asked.where, "principal": context.principal, "fields": wanted, "top": sized(first)}
    return context.house.search.facets(asked.line, **told)


def _did_you_mean(source: Any, info: Any) -> Any:
    context, asked = info.context, source["asked"]
    if source["total"]["value"]:
        return ()
    return context.house.search.corrections(asked.line, where=asked.where, principal=context.principal)


def _hints(source: Any, info: Any) -> Any:
    return info.context.house.search.hints(source["asked"].line)


SearchConnection = connection(
    "Search",
    DataProduct,
    "hits of a search, best first",
    edge={
        "match": graphene.Field(MatchKind, required=True, description="How well it matches."),
        "field": graphene.Field(MatchField, required=True, description="Where the words were found."),
        "matches": graphene.List(
            graphene.NonNull(Match), required=True, description="The texts that hold words of the query, at most ten."
        ),
        "resolve_cursor": _cursor,
        "resolve_match": _match,
        "resolve_field": _field,
        "resolve_matches": _matches,
    },
    total=graphene.Field(Total, required=True, description="How many products match."),
    facets=graphene.List(
        graphene.NonNull(Facet),
        required=True,
        description="What the products that match have in common, in the order that is asked for.",
        fields=graphene.List(graphene.NonNull(FacetField), description="Only these; all when left out."),
        first=graphene.Int(default_value=10, description="How many values of each, 1 to 100."),
    ),
    did_you_mean=graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="Other words for a query that finds nothing, each of which finds something; at most three.",
    ),
    hints=graphene.List(
        graphene.NonNull(SearchHint),
        required=True,
        description="Terms that look like filters and were read as words, such as `domian:sales`; at most five.",
    ),
    resolve_facets=_facets,
    resolve_hints=_hints,
    resolve_did_you_mean=_did_you_mean,
)
