"""What is the shape of the mesh?"""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql.execution import of_source
from api.graphql.reads import one
from api.graphql.types.page import Slice, answered, connection, paged, sized
from api.graphql.types.product import DataProduct


class TopologyProduct(graphene.ObjectType):
    """A data product in the shape of the mesh."""

    fqn = graphene.String(required=True, description="Fully qualified name of its major.")
    name = graphene.String(required=True, description="Its name.")
    domain = graphene.String(required=True, description="The domain that owns it.")
    product = graphene.Field(DataProduct, description="The data product itself.")

    def resolve_product(self: Any, info: Any) -> Any:
        return one(self, "line_id", info.context, info.context.together.products)


class Hub(graphene.ObjectType):
    """A product with many others about it."""

    product = graphene.Field(TopologyProduct, required=True, description="The product.")
    others = graphene.Int(required=True, description="How many others that are.")


class Cycle(graphene.ObjectType):
    """Products that lead to one another in a circle; one alone reads itself."""

    size = graphene.Int(required=True, description="How many products are in it.")
    members = graphene.List(
        graphene.NonNull(TopologyProduct),
        required=True,
        description="Its products in the order of their fqn, at most 100.",
    )

    @of_source
    def resolve_size(self: Any, info: Any) -> int:
        return len(self)

    def resolve_members(self: Any, info: Any) -> Any:
        return info.context.siblings.together(self[:100])


class DomainCoupling(graphene.ObjectType):
    """How much the products of one domain read those of another; a domain may be its own."""

    source = graphene.String(required=True, description="The domain that is read.")
    target = graphene.String(required=True, description="The domain that reads.")
    sources = graphene.Int(required=True, description="Its products that are read by that domain.")
    targets = graphene.Int(required=True, description="The products that read them.")
    edges = graphene.Int(required=True, description="Pairs of products of which one reads the other.")


HubConnection = connection("Hub", Hub, "products with many others about them")
CycleConnection = connection("Cycle", Cycle, "circles of products")
TopologyProductConnection = connection("TopologyProduct", TopologyProduct, "products in the shape of the mesh")
DomainCouplingConnection = connection("DomainCoupling", DomainCoupling, "pairs of domains")


def _list(name: str) -> Any:
    def resolve(self: Any, info: Any, first: int, after: str | None = None) -> Any:
        found = getattr(self, name)
        page = Slice(found, scope=f"topology {name} {len(found)}", first=sized(first), after=after)
        rows = [getattr(item, "product", item) for item in page.items]
        info.context.siblings.together(row for row in rows if hasattr(row, "line_id"))
        return answered(page, after)

    return resolve


class Topology(graphene.ObjectType):
    """The shape of the mesh between its products, by what their current versions read."""

    products = graphene.Int(required=True, description="How many products are looked at.")
    edges = graphene.Int(required=True, description="Pairs of products of which one reads the other.")
    complete = graphene.Boolean(required=True, description="Whether all products and edges are looked at.")
    cycles = paged(CycleConnection, "Circles in which products lead to one another, the largest first.")
    orphans = paged(TopologyProductConnection, "Products that read no other and that nobody reads, by fqn.")
    most_read = paged(HubConnection, "Products that are read by others, by how many.")
    most_reading = paged(HubConnection, "Products that read others, by how many.")
    relied_on = paged(
        HubConnection,
        "Single points of failure: products through which every way to some others leads, by how many those are.",
    )
    couplings = paged(DomainCouplingConnection, "Which domains read which, most edges first.")
    longest_chain = paged(
        TopologyProductConnection,
        "One of the longest chains, in the direction in which data flows; a circle counts as one step.",
        size=100,
    )

    resolve_cycles = _list("cycles")
    resolve_orphans = _list("orphans")
    resolve_most_read = _list("most_read")
    resolve_most_reading = _list("most_reading")
    resolve_relied_on = _list("relied_on")
    resolve_couplings = _list("couplings")
    resolve_longest_chain = _list("longest_chain")


class Shaped:
    """The field of the query that tells the shape of the mesh."""

    topology = graphene.Field(Topology, required=True, description="The shape of the mesh.")

    def resolve_topology(self, info: Any) -> Any:
        return info.context.house.topologies.topology(principal=info.context.principal)
