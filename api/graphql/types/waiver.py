"""What does a reader learn of an exception?"""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql.execution import of_source
from api.graphql.types.enums import closed_set
from api.graphql.types.page import connection

WaiverState = closed_set(
    "WaiverState",
    "How a waiver stands now.",
    {
        "requested": "Somebody asked for it; it excuses nothing yet.",
        "upcoming": "Approved, and not begun.",
        "in_force": "It excuses what it covers.",
        "ended": "Its time is over.",
        "rejected": "It was refused.",
        "revoked": "It was taken back.",
    },
)

WaiverOrigin = closed_set(
    "WaiverOrigin",
    "Where a waiver was written down.",
    {"file": "In the governance folder.", "catalog": "In the catalog, by request and approval."},
)


class Waiver(graphene.ObjectType):
    """A reasoned, approved, expiring exception for findings of one product."""

    waiver_id = graphene.String(required=True, description="Its id, as `/v1/waivers/{id}` takes it.")
    origin = graphene.Field(WaiverOrigin, required=True, description="Where it was written down.")
    state = graphene.Field(WaiverState, required=True, description="How it stands now.")
    policy = graphene.String(required=True, description="Id of the policy that it excuses.")
    code = graphene.String(required=True, description="The finding code that it excuses; empty for all.")
    product = graphene.String(required=True, description="Fqn of the product; without a major it means every major.")
    component = graphene.String(required=True, description="Fqn of the port or component; empty for the whole product.")
    within = graphene.String(required=True, description="Pointer below which it excuses; empty for everything.")
    reason = graphene.String(required=True, description="Why it was asked for.")
    ticket = graphene.String(required=True, description="Where it is being put right; may be empty.")
    requested_by = graphene.String(required=True, description="Who asked for it.")
    requested_at = graphene.DateTime(description="When, in UTC; null for one of the governance folder.")
    approved_by = graphene.String(required=True, description="Who approved it; empty before that.")
    begins = graphene.DateTime(required=True, description="From when it holds, in UTC.")
    ends = graphene.DateTime(required=True, description="Until when it holds, this moment excluded.")
    note = graphene.String(required=True, description="Why the last step was taken; may be empty.")
    expiring = graphene.Boolean(required=True, description="Whether it is in force and ends within 14 days.")
    unused = graphene.Boolean(
        required=True, description="Whether it is in force and excuses nothing in the decisions that stand now."
    )
    file = graphene.String(required=True, description="File and line in the governance folder; else empty.")

    @of_source
    def resolve_waiver_id(self: Any, info: Any) -> Any:
        return self.id

    @of_source
    def resolve_origin(self: Any, info: Any) -> str:
        return str(self.origin)

    @of_source
    def resolve_state(self: Any, info: Any) -> str:
        return str(self.state)


WaiverConnection = connection("Waiver", Waiver, "waivers, the earliest end first")
