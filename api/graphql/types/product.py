"""What does a consumer learn of a data product?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import graphene

from api.flows.exports.links import links
from api.graphql.execution import of_source
from api.graphql.ids import global_id
from api.graphql.reads import compliance_of, one, page, ports_of, several
from api.graphql.types.access import REQUESTS, requests_of
from api.graphql.types.compliance import Compliance
from api.graphql.types.container import Container
from api.graphql.types.enums import PortKind, VersionStatus
from api.graphql.types.evolution import BlameConnection, DescriptorDiff, blame_of, diff_of
from api.graphql.types.exports import Exports
from api.graphql.types.fitness import REQUIREMENT, Fitness, of_product
from api.graphql.types.history import ComplianceHistoryConnection, decision_then
from api.graphql.types.node import Node
from api.graphql.types.page import connection, paged
from api.graphql.types.port import PortConnection
from api.graphql.types.slo import Slo, slos_of
from api.graphql.types.standing import Standing
from api.graphql.types.trust import TrustScore
from api.graphql.types.version import Version, VersionConnection

#: by name, because lineage leads to data products again
LINEAGE = "api.graphql.types.lineage.LineageConnection"


class DataProduct(graphene.ObjectType):
    """One major of a data product, as its highest version that is not withdrawn describes it."""

    class Meta:
        interfaces = (Node,)

    fqn = graphene.String(required=True, description="Fully qualified name of this major: `urn:dpds:…:{major}`.")
    namespace = graphene.String(required=True, description="The namespace that the name is unique in.")
    name = graphene.String(required=True, description="Name of the product, shared by all its majors.")
    major = graphene.BigInt(required=True, description="Which major of the product this is, of up to 18 digits.")
    version = graphene.String(required=True, description="The version that is shown here, by SemVer.")
    status = graphene.Field(VersionStatus, required=True, description="The standing of that version.")
    domain = graphene.String(required=True, description="The domain that owns the product.")
    owner = graphene.String(required=True, description="Who answers for the product (`info.owner`).")
    display_name = graphene.String(required=True, description="Name for people; empty when the author gave none.")
    description = graphene.String(required=True, description="The author's own words; empty when there are none.")
    tags = graphene.List(graphene.NonNull(graphene.String), required=True, description="The author's tags.")
    digest = graphene.String(required=True, description="SHA-256 of the canonical descriptor, as `sha256:…`.")
    accepted_at = graphene.DateTime(required=True, description="When that version was accepted, in UTC.")
    ports = paged(
        PortConnection,
        "The ports of the version that is shown, in the order of its descriptor.",
        kinds=graphene.List(graphene.NonNull(PortKind), description="Only ports of these kinds."),
    )
    versions = paged(VersionConnection, "Every accepted version of this major, highest first.")
    accepted = graphene.Field(
        Version,
        description="One accepted version of this major; null when there is none.",
        version=graphene.String(required=True, description="The version, exactly, by SemVer."),
    )
    compliance = graphene.Field(
        Compliance,
        description="The decision that accepted the version that is shown, or by which it stood at a moment.",
        as_of=graphene.DateTime(description="The moment; null is given where it was not in the mesh yet."),
    )
    compliance_history = paged(
        ComplianceHistoryConnection, "How it stood over time, newest first; at most the last 200 turns."
    )
    standing = graphene.Field(
        Standing, description="How it stands now, by the policies that hold now; null until a rescan has told."
    )
    diff = graphene.Field(
        DescriptorDiff,
        description="What changed to a version of the product from another; null where one of them is not there.",
        from_=graphene.String(name="from", description="The older version, of any major; else the one below."),
        to=graphene.String(description="The newer version, of any major; else the one that is shown."),
    )
    blame = paged(
        BlameConnection,
        "Which versions brought the ports and columns of the version that is shown, and last changed them.",
        port=graphene.String(description="Only this port and its columns."),
    )
    fitness = graphene.Field(
        Fitness, required=True, description="Whether it fits what is needed.", requirement=REQUIREMENT
    )
    slos = graphene.List(
        graphene.NonNull(Slo), required=True, description="What its output ports promise, against what was observed."
    )
    trust = graphene.Field(TrustScore, description="How far it may be trusted; null until that was computed.")
    upstream = paged(LINEAGE, "What its input ports read: one step up the lineage.")
    downstream = paged(LINEAGE, "Who reads its output ports: one step down the lineage.")
    exports = graphene.Field(
        Exports, required=True, description="The same product in forms that other tools understand."
    )
    containers = graphene.List(
        graphene.NonNull(Container),
        required=True,
        description="Where it runs: at most one live container per environment.",
        environment=graphene.String(description="Only the container of this environment."),
    )

    access_requests = REQUESTS

    @of_source
    def resolve_id(self: Any, info: Any) -> str:
        return global_id("DataProduct", self.id)

    def resolve_ports(self: Any, info: Any, **asked: Any) -> Any:
        return ports_of(self, "version_id", info.context, **asked)

    def resolve_versions(self: Any, info: Any, **asked: Any) -> Any:
        return page(self, "id", info.context, info.context.together.versions, **asked)

    def resolve_accepted(self: Any, info: Any, version: str) -> Any:
        found = several(self, "id", info.context, info.context.together.versions)
        return next((one for one in found if one.version == version), None)

    def resolve_compliance(self: Any, info: Any, as_of: datetime | None = None) -> Any:
        if as_of is None:
            return compliance_of(self, info.context)
        return decision_then(self, info.context, as_of if as_of.tzinfo is not None else as_of.replace(tzinfo=UTC))

    def resolve_compliance_history(self: Any, info: Any, **asked: Any) -> Any:
        return page(self, "id", info.context, info.context.house.compliance_history.found, **asked)

    def resolve_slos(self: Any, info: Any) -> Any:
        return slos_of(self, info.context)

    def resolve_trust(self: Any, info: Any) -> Any:
        return one(self, "id", info.context, info.context.house.trusts.found)

    def resolve_standing(self: Any, info: Any) -> Any:
        return one(self, "id", info.context, info.context.house.standings.found)

    def resolve_diff(self: Any, info: Any, from_: str | None = None, to: str | None = None) -> Any:
        return diff_of(self, "version_id", info.context, from_, to)

    def resolve_blame(self: Any, info: Any, first: int, after: str | None = None, port: str | None = None) -> Any:
        return blame_of(self, "version_id", info.context, first, after, port)

    def resolve_fitness(self: Any, info: Any, requirement: Any) -> Any:
        return of_product(self, requirement, info.context)

    def resolve_upstream(self: Any, info: Any, **asked: Any) -> Any:
        from api.graphql.types.lineage import steps

        return page(self, "id", info.context, steps(info.context.house.lineage.upstream), **asked)

    def resolve_downstream(self: Any, info: Any, **asked: Any) -> Any:
        from api.graphql.types.lineage import steps

        return page(self, "id", info.context, steps(info.context.house.lineage.downstream), **asked)

    @of_source
    def resolve_exports(self: Any, info: Any) -> Any:
        return links(self.fqn, self.version)

    def resolve_containers(self: Any, info: Any, environment: str | None = None) -> Any:
        found = several(self, "id", info.context, info.context.together.containers)
        return [one for one in found if environment in (None, one.environment)]

    def resolve_access_requests(self: Any, info: Any, **asked: Any) -> Any:
        return requests_of(self, info.context, **asked)


DataProductConnection = connection("DataProduct", DataProduct, "data products")
