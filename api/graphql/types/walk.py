"""What lies up and down the lineage of something, to any depth?"""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql.context import Context
from api.graphql.ids import reference
from api.graphql.reads import one
from api.graphql.types.enums import VersionStatus, closed_set
from api.graphql.types.product import DataProduct
from api.graphql.types.reading import revision_of
from api.graphql.types.where import ProductWhere, tree
from catalog.lineage.graph import Placed
from catalog.lineage.question import MOST_NODES, USUAL_NODES, Direction, Level, Question

LineageDirection = closed_set(
    "LineageDirection",
    "Which way lineage is followed.",
    {
        "upstream": "To what is read: where data comes from.",
        "downstream": "To who reads: where data goes.",
        "both": "Both ways, each for itself.",
    },
)

LineageLevel = closed_set(
    "LineageLevel",
    "What the nodes of lineage are.",
    {"product": "Data products.", "port": "Their input and output ports.", "column": "Columns of output ports."},
)

LineageKind = closed_set(
    "LineageKind",
    "What a node of lineage is.",
    {
        "product": "A data product.",
        "output_port": "An output port of a data product.",
        "input_port": "An input port of a data product.",
        "column": "A column of an output port.",
        "dangling": "A reference to what no product of the mesh offers (or what you may not see).",
        "external": "A system outside the mesh.",
    },
)

LineageFlow = closed_set(
    "LineageFlow",
    "How data flows along an edge of lineage.",
    {
        "reads": "A product reads an output port.",
        "feeds": "Inside a product, from an input port to an output port.",
        "derives": "A column is made of another.",
    },
)


class LineageGraphNode(graphene.ObjectType):
    """A product, port or column, or what is outside the mesh, at its distance from where the walk began."""

    key = graphene.String(required=True, description="What edges of this answer name it by.")
    kind = graphene.Field(LineageKind, required=True, description="What it is.")
    name = graphene.String(required=True, description="Name of the product, or the reference as the author wrote it.")
    fqn = graphene.String(required=True, description="Fully qualified name of the product's major; empty outside.")
    version = graphene.String(required=True, description="The version that is shown; empty outside the mesh.")
    status = graphene.Field(VersionStatus, description="The standing of that version; null outside the mesh.")
    domain = graphene.String(required=True, description="The domain that owns the product; empty outside the mesh.")
    owner = graphene.String(required=True, description="Who answers for the product; empty outside the mesh.")
    port = graphene.String(required=True, description="The port, at the levels of ports and columns; else empty.")
    column = graphene.String(required=True, description="The column, as `dataset.path`; else empty.")
    upstream = graphene.Int(description="Steps from product to product up to here; null where it is not upstream.")
    downstream = graphene.Int(description="Steps from product to product down to here; null where it is not.")
    matches = graphene.Boolean(
        required=True, description="Whether the filter asks for it; if not, it lies on the way to what does."
    )
    frontier = graphene.Boolean(required=True, description="Whether there is more behind it that is not shown.")
    product = graphene.Field(DataProduct, description="The data product itself; null outside the mesh.")

    def resolve_product(self: Any, info: Any) -> Any:
        return one(self, "line_id", info.context, info.context.together.products)


class LineageGraphEdge(graphene.ObjectType):
    """Data flows from one node to another."""

    source = graphene.String(required=True, description="Key of the node that data leaves.")
    target = graphene.String(required=True, description="Key of the node that data enters.")
    kind = graphene.Field(LineageFlow, required=True, description="How it flows.")
    output_port = graphene.String(required=True, description="The output port; empty outside the mesh.")
    input_port = graphene.String(required=True, description="The input port; empty between columns.")
    inferred = graphene.Boolean(required=True, description="Whether no author declared it.")
    how = graphene.String(required=True, description="What the author says of a derivation; may be empty.")


class LineageGraph(graphene.ObjectType):
    """What a walk along lineage met, nearest first."""

    complete = graphene.Boolean(
        required=True, description="Whether everything within `depth` is here; if not, `most` cut the farthest."
    )
    nodes = graphene.List(graphene.NonNull(LineageGraphNode), required=True, description="What was met, each once.")
    edges = graphene.List(graphene.NonNull(LineageGraphEdge), required=True, description="The flows between them.")


def _several(kind: Any, says: str, **more: Any) -> Any:
    return graphene.Argument(graphene.List(graphene.NonNull(kind)), description=says, **more)


ENDLESS_BY_NULL = "depth"
"""The only argument for which null says another thing than its default."""

LINEAGE_GRAPH = graphene.Field(
    LineageGraph,
    required=True,
    description="What lies up and down the lineage of products, ports or columns, to any depth.",
    from_=_several(
        graphene.String,
        "Where to begin: an fqn of a product or port in any dialect, an id, or `{fqn of an output port}#{column}`.",
        name="from",
        required=True,
    ),
    direction=graphene.Argument(LineageDirection, default_value=LineageDirection.BOTH, description="Which way to go."),
    depth=graphene.Int(default_value=3, description="Steps from product to product; null for all there are."),
    level=graphene.Argument(LineageLevel, default_value=LineageLevel.PRODUCT, description="What the nodes are."),
    domains=_several(graphene.String, "Only products of these domains, and what lies on the way to them."),
    where=graphene.Argument(ProductWhere, description="Only such products, and what lies on the way to them."),
    most=graphene.Int(default_value=USUAL_NODES, description=f"How many nodes at most, up to {MOST_NODES}."),
)


class Walking:
    """The field that follows lineage to any depth, as of the revision of its source."""

    lineage_graph = LINEAGE_GRAPH

    def resolve_lineage_graph(
        self,
        info: Any,
        from_: list[str],
        direction: Any,
        level: Any,
        most: int,
        depth: int | None = None,
        domains: list[str] | None = None,
        where: Any = None,
    ) -> Any:
        question = Question(
            tuple(map(reference, from_)),
            Direction(direction.value),
            depth,
            Level(level.value),
            tuple(domains or ()),
            tree(where),
            most,
        )
        return graph(info.context, question, revision_of(self))


def graph(context: Context, question: Question, at: int | None = None) -> dict[str, Any]:
    """The source of a `LineageGraph` for this question, now or as of a revision."""
    found = context.house.walks.walk(question, principal=context.principal, at=at)
    nodes = context.siblings.together([_node(one) for one in found.nodes], at=at)
    return {"complete": found.complete, "nodes": nodes, "edges": found.links}


def _node(placed: Placed) -> dict[str, Any]:
    vertex = placed.vertex
    return {
        **vertex._asdict(),
        "key": vertex.id,
        "status": vertex.status or None,
        "upstream": placed.upstream,
        "downstream": placed.downstream,
        "matches": placed.matches,
        "frontier": placed.frontier,
    }
