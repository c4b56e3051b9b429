"""What is one step up or down from a data product?"""

from __future__ import annotations

from collections.abc import Iterable
from functools import wraps
from typing import Any, NamedTuple

import graphene

from api.graphql.execution import of_source
from api.graphql.reads import one, page
from api.graphql.types.page import connection, paged
from api.graphql.types.product import DataProduct
from engine.model import Principal


class Step(NamedTuple):
    """One neighbour (`catalog.lineage.Node`) and the edge that leads to it."""

    node: Any
    edge: Any

    @property
    def line_id(self) -> str:
        return str(self.node.id)


class DanglingReference(graphene.ObjectType):
    """A reference to an output port that no product of the mesh offers (or that you may not see)."""

    reference = graphene.String(required=True, description="The reference as the author wrote it.")

    @of_source
    def resolve_reference(self: Any, info: Any) -> Any:
        return self.id


class ExternalSystem(graphene.ObjectType):
    """A system outside the mesh that a product reads."""

    name = graphene.String(required=True, description="Its name as the author wrote it.")


class LineageNode(graphene.Union):
    """What stands at the other end of a step."""

    class Meta:
        types = (DataProduct, DanglingReference, ExternalSystem)

    @classmethod
    def resolve_type(cls, instance: Any, info: Any) -> Any:
        kinds = {"dangling": DanglingReference, "external": ExternalSystem}
        return kinds.get(getattr(instance, "kind", ""), DataProduct)


class LineageStep(graphene.ObjectType):
    """One flow of data between two products, or into a product from outside."""

    output_port = graphene.String(
        required=True, description="Output port that the data leaves; empty outside the mesh."
    )
    input_port = graphene.String(required=True, description="Input port that the data enters.")
    node = graphene.Field(LineageNode, required=True, description="What stands at the other end.")

    @of_source
    def resolve_output_port(self: Any, info: Any) -> Any:
        return self.edge.output_port

    @of_source
    def resolve_input_port(self: Any, info: Any) -> Any:
        return self.edge.input_port

    def resolve_node(self: Any, info: Any) -> Any:
        if self.node.kind != "product":
            return self.node
        return one(self, "line_id", info.context, info.context.together.products)


LineageConnection = connection("Lineage", LineageStep, "steps of lineage")


class Around(NamedTuple):
    """A product (`catalog.shown.Product`), and the port that its lineage is narrowed to."""

    product: Any
    port: str | None = None


class Lineage(graphene.ObjectType):
    """A data product with what is one step up and one step down from it, perhaps only through one of its ports."""

    product = graphene.Field(DataProduct, required=True, description="The data product in the middle.")
    upstream = paged(LineageConnection, "What its input ports read: one step up the lineage.")
    downstream = paged(LineageConnection, "Who reads its output ports: one step down the lineage.")

    def resolve_upstream(self: Any, info: Any, **asked: Any) -> Any:
        return _through(self, "input_port", info.context, info.context.house.lineage.upstream, **asked)

    def resolve_downstream(self: Any, info: Any, **asked: Any) -> Any:
        return _through(self, "output_port", info.context, info.context.house.lineage.downstream, **asked)


def _through(around: Around, side: str, context: Any, read: Any, **asked: Any) -> dict[str, Any]:
    port = around.port
    what = "" if port is None else f"through {port}"

    def keep(found: Iterable[Step]) -> Iterable[Step]:
        return (step for step in found if port in (None, getattr(step.edge, side)))

    return page(around.product, "id", context, steps(read), what=what, keep=keep, **asked)


def steps(read: Any) -> Any:
    """`upstream` or `downstream` of `catalog.lineage.Lineage`, giving steps."""

    @wraps(read)
    def of_all(line_ids: list[str], *, principal: Principal, at: int | None = None) -> dict[str, list[Step]]:
        found = read(line_ids, principal=principal, at=at)
        return {line: [Step(*step) for step in steps] for line, steps in found.items()}

    return of_all
