"""What can be asked of the governance of the mesh: its rules in words, its policies and its exceptions?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import graphene

from api.flows.waiver_list import State, Wanted, chosen
from api.graphql.types.page import Slice, answered, paged, sized
from api.graphql.types.policy import GlobalPolicy, GlobalPolicyConnection, Policy, PolicyConnection
from api.graphql.types.waiver import WaiverConnection, WaiverState
from api.graphql.ways import Ways


class Governing:
    """The fields of the query that are about governance."""

    global_policies = paged(GlobalPolicyConnection, "The rules of the mesh in words, by id.")
    global_policy = graphene.Field(
        GlobalPolicy,
        description="The rule in words with this id; null when there is none.",
        id=graphene.String(required=True, description="Its id in the governance folder."),
    )
    policies = paged(PolicyConnection, "The policies that hold here, by id.")
    policy = graphene.Field(
        Policy,
        description="The policy with this id; null when there is none.",
        id=graphene.String(required=True, description="Its id: its Rego package."),
    )
    waivers = paged(
        WaiverConnection,
        "Exceptions, of the governance folder and of the catalog, the earliest end first.",
        product=graphene.String(description="Only those of this product: an fqn in any dialect."),
        policy=graphene.String(description="Only those of this policy."),
        state=graphene.Argument(WaiverState, description="Only those that stand so."),
        expiring_within_days=graphene.Int(description="Only those in force that end within so many days."),
        unused=graphene.Boolean(description="Only those that excuse nothing now, or only the others."),
    )

    def resolve_global_policies(self, info: Any, first: int, after: str | None = None) -> Any:
        found = Ways(info.context).global_policies()
        return answered(Slice(found, scope="global policies", first=sized(first), after=after), after)

    def resolve_global_policy(self, info: Any, id: str) -> Any:
        return next((one for one in Ways(info.context).global_policies() if one.id == id), None)

    def resolve_policies(self, info: Any, first: int, after: str | None = None) -> Any:
        found = Ways(info.context).policies()
        return answered(Slice(found, scope="policies", first=sized(first), after=after), after)

    def resolve_policy(self, info: Any, id: str) -> Any:
        return next((one for one in Ways(info.context).policies() if one.id == id), None)

    def resolve_waivers(
        self,
        info: Any,
        first: int,
        after: str | None = None,
        product: str | None = None,
        policy: str | None = None,
        state: Any = None,
        expiring_within_days: int | None = None,
        unused: bool | None = None,
    ) -> Any:
        within = None if expiring_within_days is None else timedelta(days=expiring_within_days)
        wanted = Wanted(product, policy, None if state is None else State(state.value), within, unused)
        found = chosen(wanted, principal=info.context.principal, house=info.context.house)
        return answered(Slice(found, scope=f"waivers {wanted}", first=sized(first), after=after), after)
