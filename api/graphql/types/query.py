"""What can be asked of the mesh?"""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql.errors import refused
from api.graphql.nodes import nodes
from api.graphql.types.catalog import TimeTravel
from api.graphql.types.change import Following
from api.graphql.types.comparison import Comparing
from api.graphql.types.completion import COMPLETE, completed
from api.graphql.types.fitness import Fitting
from api.graphql.types.governing import Governing
from api.graphql.types.impact import Reaching
from api.graphql.types.node import Node
from api.graphql.types.page import answered, paged, sized
from api.graphql.types.policing import OpaConnection, ReleaseConnection, opas, releases
from api.graphql.types.reading import Reading
from api.graphql.types.requirement import Requiring
from api.graphql.types.search import SearchConnection, SearchOrder, searched
from api.graphql.types.topology import Shaped
from api.graphql.types.walk import Walking
from api.graphql.types.where import ProductWhere
from catalog.search.completion import KINDS

MOST_NODES = 100
_ID = graphene.ID(required=True, description="An id that this server gave.")


class Query(
    Reading,
    TimeTravel,
    Following,
    Governing,
    Fitting,
    Comparing,
    Requiring,
    Walking,
    Reaching,
    Shaped,
    graphene.ObjectType,
):
    """Search the mesh, judge what is in it, and follow its data."""

    node = graphene.Field(Node, description="The thing with this id; null when there is none.", id=_ID)
    nodes = graphene.List(
        Node,
        required=True,
        description="The things with these ids, at most 100; null for each that there is not.",
        ids=graphene.List(graphene.NonNull(graphene.ID), required=True, description="Ids that this server gave."),
    )
    search = paged(
        SearchConnection,
        "The data products that match a text, best first: exact names, then names that begin with it, then the rest.",
        query=graphene.String(
            default_value="",
            description="Words that must all be found, and filters as `domain:sales -tag:raw`; any text is safe.",
        ),
        where=graphene.Argument(ProductWhere, description="What has to hold besides."),
        order_by=graphene.Argument(SearchOrder, description="Which hits come first: the best, if not told."),
    )
    complete = COMPLETE
    releases = paged(ReleaseConnection, "What was put in force for this catalog, the newest first.")
    opas = paged(OpaConnection, "The OPA servers that reported in the last 30 days.")

    def resolve_node(self, info: Any, id: str) -> Any:
        return nodes([id], info.context)[0]

    def resolve_nodes(self, info: Any, ids: list[str]) -> Any:
        if len(ids) > MOST_NODES:
            raise refused("page-too-large", f"At most {MOST_NODES} ids at once.", limit=MOST_NODES)
        return nodes(ids, info.context)

    def resolve_search(
        self,
        info: Any,
        query: str,
        first: int,
        after: str | None = None,
        where: Any = None,
        order_by: Any = None,
    ) -> Any:
        return searched(info.context, query, where, order_by, sized(first), after)

    def resolve_complete(self, info: Any, prefix: str, first: int, kinds: list[Any] | None = None) -> Any:
        asked, wanted = info.context, KINDS if kinds is None else [kind.value for kind in kinds]
        found = asked.house.completions.complete(prefix, kinds=wanted, first=sized(first), principal=asked.principal)
        return completed(found)

    def resolve_releases(self, info: Any, first: int, after: str | None = None) -> Any:
        return answered(releases(info.context.house, sized(first), after), after)

    def resolve_opas(self, info: Any, first: int, after: str | None = None) -> Any:
        return answered(opas(info.context.house, sized(first), after), after)
