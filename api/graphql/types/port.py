"""What does a consumer learn of a port?"""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql.execution import of_source
from api.graphql.ids import global_id
from api.graphql.types.enums import PortKind
from api.graphql.types.node import Node
from api.graphql.types.page import connection
from api.graphql.types.sample import SAMPLE, of_port, wished
from api.graphql.types.slo import Slo, slos_of


class Port(graphene.ObjectType):
    """A port of one version of a data product: where data goes in or out, or where the product is seen and steered."""

    class Meta:
        interfaces = (Node,)

    kind = graphene.Field(PortKind, required=True, description="Which of the five kinds of ports it is.")
    name = graphene.String(required=True, description="Name, unique among the ports of its kind.")
    fqn = graphene.String(required=True, description="Fully qualified name; empty when the author gave none.")
    version = graphene.String(required=True, description="Version of the port; empty when the author gave none.")
    display_name = graphene.String(required=True, description="Name for people; empty when the author gave none.")
    description = graphene.String(required=True, description="The author's own words; empty when there are none.")
    platform = graphene.String(required=True, description="The platform that it runs on, as promised; may be empty.")
    services_type = graphene.String(required=True, description="The kind of service, as promised; may be empty.")
    api_specification = graphene.String(
        required=True, description="The standard that its interface is described by (`openapi`, …); may be empty."
    )
    tags = graphene.List(graphene.NonNull(graphene.String), required=True, description="The author's tags.")
    slos = graphene.List(
        graphene.NonNull(Slo),
        required=True,
        description="What it promises, against what was observed; only output ports promise.",
    )

    sample = SAMPLE

    @of_source
    def resolve_id(self: Any, info: Any) -> str:
        return global_id("Port", f"{self.version_id}/{self.kind}/{self.name}")

    def resolve_slos(self: Any, info: Any) -> Any:
        return slos_of(self, info.context, port=self.name) if self.kind == "outputport" else []

    def resolve_sample(
        self: Any,
        info: Any,
        first: int,
        columns: list[str] | None = None,
        environment: str | None = None,
        dataset: str | None = None,
        purpose: str = "",
    ) -> Any:
        wish = wished(self.name, first, columns, environment, dataset, purpose)
        return of_port(self, wish, info.context)


PortConnection = connection("Port", Port, "ports")
