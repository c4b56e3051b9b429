"""What does a reader learn of a rule in words, of the policies that compute it, and of how the mesh stands by them?"""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql.execution import of_source
from api.graphql.types.enums import Disposition, Enforcement, Severity, closed_set
from api.graphql.types.page import Slice, answered, connection, paged, sized
from api.graphql.types.waiver import WaiverConnection

GlobalPolicyStatus = closed_set(
    "GlobalPolicyStatus",
    "How far a rule in words has come.",
    {"draft": "It is being discussed.", "active": "It holds.", "retired": "It no longer holds."},
)

GapCode = closed_set(
    "GapCode",
    "What is missing on the way between a rule in words and its policies.",
    {
        "not_computed": "No policy computes an active rule, and nobody vouches for it.",
        "review_overdue": "A rule was not looked at again in time.",
        "no_mandate": "No rule in words names a policy.",
    },
)


class Gap(graphene.ObjectType):
    """Something that is missing on the way between a rule in words and its policies."""

    code = graphene.Field(GapCode, required=True, description="What is missing.")
    subject = graphene.String(required=True, description="Id of the global policy or policy where it is missing.")
    message = graphene.String(required=True, description="The same in words.")

    @of_source
    def resolve_code(self: Any, info: Any) -> str:
        return str(self.code).replace("-", "_")

    @of_source
    def resolve_message(self: Any, info: Any) -> Any:
        return self.msg


class Attestation(graphene.ObjectType):
    """Somebody's word that the mesh keeps a rule that nothing computes."""

    by = graphene.String(required=True, description="Who gave it.")
    on = graphene.DateTime(required=True, description="From when it holds, in UTC.")
    until = graphene.DateTime(required=True, description="Until when it holds, this moment excluded.")
    evidence = graphene.String(required=True, description="What was looked at, or where that is kept.")
    in_force = graphene.Boolean(required=True, description="Whether it holds now.")


class PolicyAssignment(graphene.ObjectType):
    """Where a policy is assigned, and how hard."""

    scope = graphene.String(required=True, description="`mesh`, or a domain.")
    enforcement = graphene.Field(Enforcement, required=True, description="How hard it applies there.")
    effective_from = graphene.DateTime(description="From when on; before it findings are advisory.")
    file = graphene.String(required=True, description="File and line in the governance folder.")

    @of_source
    def resolve_enforcement(self: Any, info: Any) -> str:
        return str(self.enforcement)

    @of_source
    def resolve_file(self: Any, info: Any) -> str:
        return f"{self.file}:{self.line}"


class PolicySuspension(graphene.ObjectType):
    """A policy is set aside for a while, as a shadow."""

    reason = graphene.String(required=True, description="Why.")
    suspended_by = graphene.String(required=True, description="Id of the operator who did it.")
    begins = graphene.DateTime(required=True, description="From when on, in UTC.")
    ends = graphene.DateTime(required=True, description="Until when, this moment excluded.")


class Tally(graphene.Interface):
    """Products by how a policy ended in the decision that stands for each of them."""

    products = graphene.Int(required=True, description="How many it was selected for.")
    passed = graphene.Int(required=True, description="Nothing was found.")
    failed = graphene.Int(required=True, description="Something was found that no waiver covers.")
    waived = graphene.Int(required=True, description="Everything that was found is waived.")
    erred = graphene.Int(required=True, description="It could not be evaluated.")
    skipped = graphene.Int(required=True, description="It was not evaluated.")


class DomainCoverage(graphene.ObjectType):
    """How one domain stands by a policy."""

    class Meta:
        interfaces = (Tally,)

    domain = graphene.String(required=True, description="The domain.")


class PolicyCoverage(graphene.ObjectType):
    """How the mesh stands by a policy."""

    class Meta:
        interfaces = (Tally,)

    complete = graphene.Boolean(required=True, description="False when the mesh is too large to be counted whole.")
    domains = graphene.List(graphene.NonNull(DomainCoverage), required=True, description="The same for each domain.")


class PolicyFinding(graphene.ObjectType):
    """What a policy found in a product, in the decision that stands."""

    product = graphene.String(required=True, description="Fqn of the product.")
    version = graphene.String(required=True, description="Its version.")
    domain = graphene.String(required=True, description="Its domain.")
    code = graphene.String(required=True, description="The policy's own code of the finding.")
    message = graphene.String(required=True, description="What is wrong, in words.")
    path = graphene.String(required=True, description="JSON Pointer into the effective descriptor.")
    component = graphene.String(required=True, description="Fqn of the port or component; may be empty.")
    disposition = graphene.Field(Disposition, required=True, description="What became of it.")
    waiver = graphene.String(required=True, description="Id of the waiver that covers it; may be empty.")


PolicyFindingConnection = connection("PolicyFinding", PolicyFinding, "findings of a policy that stand")


class Policy(graphene.ObjectType):
    """One policy of the bundle, from the rule that it computes to what it finds."""

    policy_id = graphene.String(required=True, description="Its id: its Rego package.")
    title = graphene.String(required=True, description="What it asks for.")
    description = graphene.String(required=True, description="Why, in the words of its author.")
    owner = graphene.String(required=True, description="Whose it is.")
    severity = graphene.Field(Severity, required=True, description="How bad its findings are.")
    enforcement = graphene.Field(
        Enforcement, required=True, description="How hard it applies where no assignment says."
    )
    global_policies = graphene.List(
        graphene.NonNull(lambda: GlobalPolicy), required=True, description="The rules in words that it computes."
    )
    assignments = graphene.List(
        graphene.NonNull(PolicyAssignment), required=True, description="Where it is assigned, in order."
    )
    suspension = graphene.Field(PolicySuspension, description="How it is set aside now; null when it is not.")
    coverage = graphene.Field(PolicyCoverage, required=True, description="How the mesh stands by it.")
    findings = paged(PolicyFindingConnection, "What it found, in the decisions that stand, by product.")
    waivers = paged(WaiverConnection, "The waivers that excuse it or did, the earliest end first.")
    gaps = graphene.List(graphene.NonNull(Gap), required=True, description="What is missing.")

    def resolve_policy_id(self: Any, info: Any) -> Any:
        return self.id

    def resolve_title(self: Any, info: Any) -> Any:
        return self.traced.policy.title

    def resolve_description(self: Any, info: Any) -> Any:
        return self.traced.policy.description

    def resolve_owner(self: Any, info: Any) -> Any:
        return self.traced.policy.owner

    def resolve_severity(self: Any, info: Any) -> str:
        return str(self.traced.policy.severity)

    def resolve_enforcement(self: Any, info: Any) -> str:
        return str(self.traced.policy.enforcement)

    def resolve_global_policies(self: Any, info: Any) -> Any:
        mine = {words.id for words in self.traced.mandates}
        return [one for one in self.ways.global_policies() if one.id in mine]

    def resolve_assignments(self: Any, info: Any) -> Any:
        return self.traced.assignments

    def resolve_suspension(self: Any, info: Any) -> Any:
        return self.traced.suspension

    def resolve_coverage(self: Any, info: Any) -> Any:
        covered = self.ways.covered
        standing = covered.of(self.id)
        domains = [{"domain": name, **_counts(tally)} for name, tally in sorted(standing.domains.items())]
        return {**_counts(standing.whole), "complete": covered.complete, "domains": domains}

    def resolve_findings(self: Any, info: Any, first: int, after: str | None = None) -> Any:
        found = self.ways.covered.of(self.id).findings
        return answered(Slice(found, scope=f"findings of {self.id}", first=sized(first), after=after), after)

    def resolve_waivers(self: Any, info: Any, first: int, after: str | None = None) -> Any:
        found = [one for one in self.ways.waivers if one.policy == self.id]
        return answered(Slice(found, scope=f"waivers of {self.id}", first=sized(first), after=after), after)

    def resolve_gaps(self: Any, info: Any) -> Any:
        return self.traced.gaps


class GlobalPolicy(graphene.ObjectType):
    """A rule of the mesh in words, with what computes it or who vouches for it."""

    global_id = graphene.String(required=True, description="Its id in the governance folder.")
    title = graphene.String(required=True, description="The rule in one sentence.")
    owner = graphene.String(required=True, description="Who answers for it.")
    scope = graphene.String(required=True, description="`mesh`, or a domain.")
    status = graphene.Field(GlobalPolicyStatus, required=True, description="How far it has come.")
    rationale = graphene.String(required=True, description="Why the mesh wants it.")
    review_by = graphene.DateTime(required=True, description="Before when it is to be looked at again.")
    text = graphene.String(required=True, description="Its page in Markdown; may be empty.")
    attestation = graphene.Field(Attestation, description="Somebody's word for it; null where nobody gave one.")
    policies = graphene.List(graphene.NonNull(Policy), required=True, description="The policies that compute it.")
    gaps = graphene.List(graphene.NonNull(Gap), required=True, description="What is missing.")

    def resolve_global_id(self: Any, info: Any) -> Any:
        return self.id

    def resolve_title(self: Any, info: Any) -> Any:
        return self.traced.words.title

    def resolve_owner(self: Any, info: Any) -> Any:
        return self.traced.words.owner

    def resolve_scope(self: Any, info: Any) -> Any:
        return self.traced.words.scope

    def resolve_status(self: Any, info: Any) -> str:
        return str(self.traced.words.status)

    def resolve_rationale(self: Any, info: Any) -> Any:
        return self.traced.words.rationale

    def resolve_review_by(self: Any, info: Any) -> Any:
        return self.traced.words.review_by

    def resolve_text(self: Any, info: Any) -> Any:
        return self.traced.words.text

    def resolve_attestation(self: Any, info: Any) -> Any:
        word = self.traced.words.attestation
        if word is None:
            return None
        told = {name: getattr(word, name) for name in ("by", "on", "until", "evidence")}
        return {**told, "in_force": self.traced.attested}

    def resolve_policies(self: Any, info: Any) -> Any:
        mine = {one.id for one in self.traced.policies}
        return [one for one in self.ways.policies() if one.id in mine]

    def resolve_gaps(self: Any, info: Any) -> Any:
        return self.traced.gaps


PolicyConnection = connection("Policy", Policy, "policies of the bundle, by id")
GlobalPolicyConnection = connection("GlobalPolicy", GlobalPolicy, "rules of the mesh in words, by id")


def _counts(tally: Any) -> dict[str, int]:
    return {name: getattr(tally, name) for name in ("products", "passed", "failed", "waived", "erred", "skipped")}
