"""How does a product stand now, by the policies that hold now?"""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql.reads import compliance_of
from api.graphql.types.compliance import Compliance
from api.graphql.types.enums import StandingState


class Standing(graphene.ObjectType):
    """What a rescan found out last: a product keeps it until another standing is known."""

    state = graphene.Field(StandingState, required=True, description="How the product stands.")
    version = graphene.String(required=True, description="The version that was judged, by SemVer.")
    decided_at = graphene.DateTime(required=True, description="When the decision was made that says so, in UTC.")
    confirmed_at = graphene.DateTime(required=True, description="When a rescan last found it to be so, in UTC.")
    compliance = graphene.Field(Compliance, description="The decision that says so.")

    def resolve_compliance(self: Any, info: Any) -> Any:
        return compliance_of(self, info.context)
