"""What does a consumer learn of one accepted version?"""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql.execution import of_source
from api.graphql.ids import global_id
from api.graphql.reads import compliance_of, ports_of, several
from api.graphql.types.artifact import Artifact
from api.graphql.types.compliance import Compliance
from api.graphql.types.enums import PortKind, VersionStatus
from api.graphql.types.evolution import DescriptorDiff, diff_of
from api.graphql.types.node import Node
from api.graphql.types.page import connection, paged
from api.graphql.types.port import PortConnection


class Version(graphene.ObjectType):
    """One accepted descriptor of a data product; it never changes, only its status does."""

    class Meta:
        interfaces = (Node,)

    version = graphene.String(required=True, description="The version by SemVer.")
    status = graphene.Field(VersionStatus, required=True, description="Its standing.")
    digest = graphene.String(required=True, description="SHA-256 of the canonical descriptor, as `sha256:…`.")
    accepted_at = graphene.DateTime(required=True, description="When it was accepted, in UTC.")
    submitted_by = graphene.String(required=True, description="Id of the principal who submitted it.")
    reason = graphene.String(required=True, description="Why it has its status; may be empty.")
    sunset = graphene.DateTime(description="When a deprecated version will be withdrawn.")
    successor = graphene.String(required=True, description="What to use instead; may be empty.")
    ports = paged(
        PortConnection,
        "Its ports, in the order of the descriptor.",
        kinds=graphene.List(graphene.NonNull(PortKind), description="Only ports of these kinds."),
    )
    compliance = graphene.Field(Compliance, description="How policies judged it.")
    artifacts = graphene.List(
        graphene.NonNull(Artifact), required=True, description="What was built of it, in the order of the build."
    )
    diff = graphene.Field(
        DescriptorDiff,
        description="What changed to it from another version of the product; null where that is not there.",
        against=graphene.String(description="The other version, of any major; else the one below."),
    )

    @of_source
    def resolve_id(self: Any, info: Any) -> str:
        return global_id("Version", self.id)

    def resolve_ports(self: Any, info: Any, **asked: Any) -> Any:
        return ports_of(self, "id", info.context, **asked)

    def resolve_diff(self: Any, info: Any, against: str | None = None) -> Any:
        return diff_of(self, "id", info.context, against)

    def resolve_artifacts(self: Any, info: Any) -> Any:
        return several(self, "id", info.context, info.context.house.builds.of_versions)

    def resolve_compliance(self: Any, info: Any) -> Any:
        return compliance_of(self, info.context)


VersionConnection = connection("Version", Version, "accepted versions")
