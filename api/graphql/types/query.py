"""What can be asked of the mesh?"""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql.context import Context
from api.graphql.errors import refused
from api.graphql.nodes import nodes, type_of
from api.graphql.types.change import ChangeConnection, FeedPage
from api.graphql.types.comparison import Comparing
from api.graphql.types.completion import COMPLETE, completed
from api.graphql.types.container import Container, Deployment
from api.graphql.types.fitness import Fitting
from api.graphql.types.governing import Governing
from api.graphql.types.impact import Reaching
from api.graphql.types.lineage import Around, Lineage
from api.graphql.types.node import Node
from api.graphql.types.page import answered, paged, sized
from api.graphql.types.policing import OpaConnection, ReleaseConnection, opas, releases
from api.graphql.types.product import DataProduct, DataProductConnection
from api.graphql.types.requirement import Requiring
from api.graphql.types.search import SearchConnection, searched
from api.graphql.types.topology import Shaped
from api.graphql.types.walk import Walking
from api.graphql.types.where import ProductWhere
from catalog.search.completion import KINDS
from engine.errors import CursorInvalid

MOST_NODES = 100
_ID = graphene.ID(required=True, description="An id that this server gave.")
_FQN = graphene.String(description="Its fqn in any dialect, or its id as REST gives it (ours or ODM's).")
_GIVEN = graphene.ID(description="An id that this server gave.")
_UUID = graphene.String(required=True, description="The id that REST gives, a UUID.")


class Query(Governing, Fitting, Comparing, Requiring, Walking, Reaching, Shaped, graphene.ObjectType):
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
    )
    complete = COMPLETE
    data_product = graphene.Field(
        DataProduct,
        description="One data product; null when there is none. Give `fqn` or `id`.",
        fqn=_FQN,
        id=_GIVEN,
    )
    data_products = paged(
        DataProductConnection,
        "All data products in the order of their fqn.",
        domain=graphene.String(description="Only those of this domain."),
    )
    lineage = graphene.Field(
        Lineage,
        description="One step up and down from a data product; null when there is none. Give `fqn` or `id`.",
        fqn=_FQN,
        id=_GIVEN,
        port=graphene.String(description="Only what flows through its input or output port of this name."),
    )
    container = graphene.Field(Container, description="The container with this id; null when there is none.", id=_UUID)
    deployment = graphene.Field(
        Deployment, description="The deployment with this id; null when there is none.", id=_UUID
    )
    changes = paged(
        ChangeConnection,
        "Everything that happened, oldest first. Ask again with the last cursor, and nothing is missed.",
        size=50,
    )

    releases = paged(ReleaseConnection, "What was put in force for this catalog, the newest first.")
    opas = paged(OpaConnection, "The OPA servers that reported in the last 30 days.")

    def resolve_node(self, info: Any, id: str) -> Any:
        return nodes([id], info.context)[0]

    def resolve_nodes(self, info: Any, ids: list[str]) -> Any:
        if len(ids) > MOST_NODES:
            raise refused("page-too-large", f"At most {MOST_NODES} ids at once.", limit=MOST_NODES)
        return nodes(ids, info.context)

    def resolve_search(
        self, info: Any, query: str | None, first: int, after: str | None = None, where: Any = None
    ) -> Any:
        return searched(info.context, query, where, sized(first), after)

    def resolve_complete(self, info: Any, prefix: str, first: int, kinds: list[Any] | None = None) -> Any:
        asked, wanted = info.context, KINDS if kinds is None else [kind.value for kind in kinds]
        found = asked.house.completions.complete(prefix, kinds=wanted, first=sized(first), principal=asked.principal)
        return completed(found)

    def resolve_data_product(self, info: Any, fqn: str | None = None, id: str | None = None) -> Any:
        return _product(info.context, fqn, id)

    def resolve_lineage(self, info: Any, fqn: str | None = None, id: str | None = None, port: str | None = None) -> Any:
        product = _product(info.context, fqn, id)
        return None if product is None else Around(product, port)

    def resolve_data_products(self, info: Any, first: int, after: str | None = None, domain: str | None = None) -> Any:
        asked = info.context
        page = asked.house.products.page(principal=asked.principal, first=sized(first), after=after, domain=domain)
        asked.siblings.together(page.items)
        return answered(page, after)

    def resolve_container(self, info: Any, id: str) -> Any:
        return info.context.together.known([id], principal=info.context.principal).get(id)

    def resolve_deployment(self, info: Any, id: str) -> Any:
        return info.context.together.deployments([id], principal=info.context.principal).get(id)

    def resolve_changes(self, info: Any, first: int, after: str | None = None) -> Any:
        start = 0 if after is None else _feed_cursor(after)
        read = info.context.house.changes.after
        found = read(start, principal=info.context.principal, limit=sized(first) + 1)
        return answered(FeedPage(found, first), after)

    def resolve_releases(self, info: Any, first: int, after: str | None = None) -> Any:
        return answered(releases(info.context.house, sized(first), after), after)

    def resolve_opas(self, info: Any, first: int, after: str | None = None) -> Any:
        return answered(opas(info.context.house, sized(first), after), after)


def _product(context: Context, fqn: str | None, id: str | None) -> Any:
    if (fqn is None) == (id is None):
        raise refused("argument-invalid", "Give `fqn` or `id`.")
    if id is not None:
        found = nodes([id], context)[0]
        return found if type_of(found) == "DataProduct" else None
    return context.house.products.find(str(fqn), principal=context.principal)


def _feed_cursor(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise CursorInvalid()
    return int(text)
