"""When did a product stand how, and by which decision?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import graphene

from api.flows.evaluate import turned
from api.graphql.context import Context
from api.graphql.reads import compliance_of
from api.graphql.types.compliance import Compliance
from api.graphql.types.enums import StandingState
from api.graphql.types.page import connection


class PolicyTurn(graphene.ObjectType):
    """A policy that ended otherwise than in the decision before."""

    policy = graphene.String(required=True, description="Id of the policy.")
    before = graphene.String(description="How it had ended (`pass`, `fail`, `waived`, …); null where it had not run.")
    after = graphene.String(description="How it ended; null where it did not run any more.")


class ComplianceEntry(graphene.ObjectType):
    """From a revision on a product stood so."""

    revision = graphene.BigInt(required=True, description="The revision of the catalog that began it.")
    at = graphene.DateTime(required=True, description="When the decision was made, in UTC.")
    version = graphene.String(required=True, description="The version that was judged, by SemVer.")
    state = graphene.Field(StandingState, required=True, description="How it stood.")
    why = graphene.String(
        required=True, description="`accepted`, or why it was rescanned: `rules`, `day`, `neighbours`, `asked`."
    )
    decision_id = graphene.String(required=True, description="Id of the decision that says so.")
    bundle_revision = graphene.String(description="The revision of the policies that it was decided by.")
    policies = graphene.List(
        graphene.NonNull(PolicyTurn), required=True, description="The policies that ended otherwise than before."
    )
    compliance = graphene.Field(Compliance, description="That decision.")

    def resolve_policies(self: Any, info: Any) -> Any:
        asked = info.context
        return asked.siblings.read(self, "step", "turns", lambda steps: turned(steps, asked.principal, asked.house))

    def resolve_compliance(self: Any, info: Any) -> Any:
        return compliance_of(self, info.context)


ComplianceHistoryConnection = connection(
    "ComplianceHistory", ComplianceEntry, "turns in how a product stood, newest first"
)


def decision_then(row: Any, context: Context, moment: datetime) -> Any:
    """The decision by which this product stood at a moment; None where it was not in the mesh yet."""

    at = context.siblings.at(row)

    def of_all(lines: list[str]) -> Mapping[str, Any]:
        house, principal = context.house, context.principal
        found = house.compliance_history.found(lines, principal=principal, at=at)
        then = {line: next((one for one in some if one.at <= moment), None) for line, some in found.items()}
        named = {one.decision_id for one in then.values() if one is not None}
        seen = house.seen.found(sorted(named), principal=principal, at=at)
        return {line: seen.get(one.decision_id) for line, one in then.items() if one is not None}

    return context.siblings.read(row, "id", ("decision then", moment), of_all)
