"""How was a version judged: by which policies, with which findings?"""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql.types.enums import Disposition, Enforcement, Outcome, PolicyState, Severity
from api.graphql.types.page import Slice, answered, connection, paged, sized


class PolicyResult(graphene.ObjectType):
    """How one policy ended in a decision."""

    policy = graphene.String(required=True, description="Id of the policy: its Rego package.")
    state = graphene.Field(PolicyState, required=True, description="How it ended.")
    enforcement = graphene.Field(Enforcement, required=True, description="How hard it applied.")
    severity = graphene.Field(Severity, required=True, description="How bad its findings are.")
    reason = graphene.String(
        description="Why it was skipped, could not be evaluated, is only advisory yet, or is suspended."
    )


class Finding(graphene.ObjectType):
    """What a policy reported, with where it stands in the author's own files."""

    policy = graphene.String(required=True, description="Id of the policy that reported it.")
    code = graphene.String(required=True, description="The policy's own code of the finding.")
    message = graphene.String(required=True, description="What is wrong, in words.")
    severity = graphene.Field(Severity, required=True, description="How bad it is.")
    enforcement = graphene.Field(Enforcement, required=True, description="How hard the policy applied.")
    disposition = graphene.Field(Disposition, required=True, description="What became of it.")
    path = graphene.String(required=True, description="JSON Pointer into the effective descriptor.")
    component = graphene.String(description="Fqn of the port or component that it is about.")
    fingerprint = graphene.String(required=True, description="The same for the same finding in every version.")
    file = graphene.String(required=True, description="The submitted file that it stands in.")
    line = graphene.Int(required=True, description="Line there, from 1.")
    column = graphene.Int(required=True, description="Column there in characters, from 1.")
    remediation = graphene.String(description="What to do about it, in the words of the policy.")
    waiver = graphene.String(description="Id of the waiver that covers it.")

    def resolve_message(self: Any, info: Any) -> Any:
        return self["msg"]


FindingConnection = connection("Finding", Finding, "findings of a decision")


class Compliance(graphene.ObjectType):
    """The decision by which a version was accepted. Where its report was erased or is masked, lists are empty."""

    decision_id = graphene.String(
        required=True, description="Id of the decision, as `GET /v1/decisions/{id}` takes it."
    )
    outcome = graphene.Field(Outcome, required=True, description="How the decision ended.")
    decided_at = graphene.DateTime(required=True, description="When it was decided, in UTC.")
    bundle_revision = graphene.String(description="Revision of the bundle of policies that judged.")
    policies = graphene.List(
        graphene.NonNull(PolicyResult), required=True, description="Every policy that was selected, and how it ended."
    )
    findings = paged(
        FindingConnection,
        "What the policies found.",
        size=50,
        dispositions=graphene.List(graphene.NonNull(Disposition), description="Only findings that became these."),
    )

    def resolve_decision_id(self: Any, info: Any) -> Any:
        return self.id

    def resolve_decided_at(self: Any, info: Any) -> Any:
        return self.moment

    def resolve_policies(self: Any, info: Any) -> Any:
        return _told(self, "policies")

    def resolve_findings(
        self: Any, info: Any, first: int, after: str | None = None, dispositions: list[Any] | None = None
    ) -> Any:
        wanted = None if dispositions is None else {one.value for one in dispositions}
        found = [one for one in _told(self, "findings") if wanted is None or one["disposition"] in wanted]
        scope = f"findings {self.id} {sorted(wanted or ())}"
        return answered(Slice(found, scope=scope, first=sized(first), after=after), after)


def _told(decision: Any, what: str) -> Any:
    """That list of the decision's entry of the report (DESIGN §5)."""
    entry = (decision.record or {}).get("decision") or {}
    return entry.get(what) or []
