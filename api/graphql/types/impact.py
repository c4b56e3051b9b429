"""Whom does a change of a product reach, also one that is only proposed?"""

from __future__ import annotations

from typing import Any

import graphene

from api.flows import impact as flow
from api.graphql.context import Context
from api.graphql.execution import of_source
from api.graphql.ids import reference
from api.graphql.reads import one
from api.graphql.types.evolution import DescriptorDiff
from api.graphql.types.page import Slice, answered, connection, paged, sized
from api.graphql.types.product import DataProduct
from catalog.lineage.impact import Impact as Found
from engine.descriptor import Parts, Submission

DEPTH = graphene.Int(description="Steps from product to product; all there are when left out.")


class ImpactWay(graphene.ObjectType):
    """How a change reaches a consumer."""

    source = graphene.String(required=True, description="Fqn of the product that is read.")
    output_port = graphene.String(required=True, description="Output port that is read.")
    input_port = graphene.String(required=True, description="Input port of the consumer.")
    column = graphene.String(
        required=True, description="The column by which it is reached, as `dataset.path`; empty for a port as a whole."
    )


class ImpactedConsumer(graphene.ObjectType):
    """A product that a change reaches."""

    depth = graphene.Int(required=True, description="Steps from the product that changes; 1 reads it itself.")
    breaks = graphene.Boolean(
        required=True,
        description="Whether it reads what is gone or of another type; else it may use it, or what is made of it.",
    )
    fqn = graphene.String(required=True, description="Fully qualified name of its major.")
    domain = graphene.String(required=True, description="The domain that owns it.")
    owner = graphene.String(required=True, description="Who answers for it.")
    ways = graphene.List(graphene.NonNull(ImpactWay), required=True, description="By which ports it is reached.")
    product = graphene.Field(DataProduct, description="The data product itself.")

    def resolve_product(self: Any, info: Any) -> Any:
        return one(self, "line_id", info.context, info.context.together.products)


ImpactedConsumerConnection = connection("ImpactedConsumer", ImpactedConsumer, "consumers that a change reaches")


class ImpactedOwner(graphene.ObjectType):
    """Somebody who answers for consumers that a change reaches."""

    owner = graphene.String(required=True, description="Who it is (`info.owner`).")
    domains = graphene.List(graphene.NonNull(graphene.String), required=True, description="Domains of the consumers.")
    consumers = graphene.Int(required=True, description="How many consumers are reached.")
    breaking = graphene.Int(required=True, description="How many of them break.")


class Impact(graphene.ObjectType):
    """Whom a change of a product reaches."""

    complete = graphene.Boolean(required=True, description="Whether no bound cut the farthest consumers.")
    breaking = graphene.Int(required=True, description="How many consumers break.")
    consumers = paged(ImpactedConsumerConnection, "Consumers, the nearest first, among these the ones that break.")
    owners = graphene.List(
        graphene.NonNull(ImpactedOwner), required=True, description="Whom to talk to, most breaking consumers first."
    )

    @of_source
    def resolve_breaking(self: Any, info: Any) -> int:
        return sum(one.breaks for one in self.consumers)

    def resolve_consumers(self: Any, info: Any, first: int, after: str | None = None) -> Any:
        scope = f"impact {self.product.fqn} {len(self.consumers)}"
        page = Slice([_consumer(one, self) for one in self.consumers], scope=scope, first=sized(first), after=after)
        info.context.siblings.together(page.items)
        return answered(page, after)


class ProposedImpact(graphene.ObjectType):
    """What a proposed descriptor would change of the product in the catalog, and whom that would reach."""

    fqn = graphene.String(required=True, description="Fully qualified name of the major that it describes.")
    version = graphene.String(required=True, description="Its version.")
    diff = graphene.Field(
        DescriptorDiff, description="What changes from the version that is listed; null for a new product."
    )
    impact = graphene.Field(
        Impact, description="Whom it reaches; null for a new product, and for a version below the listed one."
    )

    @of_source
    def resolve_fqn(self: Any, info: Any) -> str:
        return self.identity.fqn

    @of_source
    def resolve_version(self: Any, info: Any) -> str:
        return self.identity.version


class Reaching:
    """The fields of the query that tell whom changes reach."""

    impact = graphene.Field(
        Impact,
        required=True,
        description="Whom it would reach if a product changed, or one of its output ports, or columns of that.",
        product=graphene.String(required=True, description="Its fqn in any dialect, or an id."),
        port=graphene.String(description="Only this output port."),
        columns=graphene.List(
            graphene.NonNull(graphene.String), description="Only these columns of the port, by path or `dataset.path`."
        ),
        depth=DEPTH,
    )
    proposed_impact = graphene.Field(
        ProposedImpact,
        required=True,
        description="What a descriptor would change, and whom that reaches. Nothing is stored and no policy is asked.",
        descriptor=graphene.String(required=True, description="The descriptor as JSON or YAML, in one document."),
        depth=DEPTH,
    )

    def resolve_impact(
        self,
        info: Any,
        product: str,
        port: str | None = None,
        columns: list[str] | None = None,
        depth: int | None = None,
    ) -> Any:
        asked: Context = info.context
        return flow.touched(
            reference(product),
            principal=asked.principal,
            house=asked.house,
            port=port,
            columns=columns or (),
            depth=depth,
        )

    def resolve_proposed_impact(self, info: Any, descriptor: str, depth: int | None = None) -> Any:
        asked: Context = info.context
        name = "descriptor.json" if descriptor.lstrip().startswith("{") else "descriptor.yaml"
        submission = Submission(name, Parts({name: descriptor.encode("utf-8", "surrogatepass")}))
        return flow.proposed(submission, principal=asked.principal, house=asked.house, depth=depth)


def _consumer(one: Any, found: Found) -> dict[str, Any]:
    vertex = one.vertex
    ways = [{**way._asdict(), "source": found.names.get(way.source, "")} for way in one.ways]
    facts = {name: getattr(vertex, name) for name in ("line_id", "fqn", "domain", "owner")}
    return {**facts, "depth": one.depth, "breaks": one.breaks, "ways": ways}
