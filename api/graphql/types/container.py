"""What does a consumer learn of a running container, and of the doing that made it?"""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql.execution import of_source
from api.graphql.ids import global_id
from api.graphql.reads import one, several
from api.graphql.types.access import GRANTS, grants_of
from api.graphql.types.enums import closed_set
from api.graphql.types.happening import DeploymentEventConnection, Observed, Waiting, events_of
from api.graphql.types.node import Node
from api.graphql.types.page import connection, paged

ContainerStatus = closed_set(
    "ContainerStatus",
    "What is the matter with a container.",
    {
        "provisioning": "Being made for the first time.",
        "active": "Made, and as it should be.",
        "degraded": "There, but not as it should be.",
        "updating": "There, while another version is being put in place.",
        "deprovisioning": "Being taken away.",
        "needs_cleanup": "A deployment failed and left something behind.",
        "released": "Given up before anything was made.",
        "retired": "Taken away.",
    },
)

DeploymentState = closed_set(
    "DeploymentState",
    "How far a deployment has come.",
    {
        "queued": "Waits for a worker.",
        "planning": "What is to be done is being found out.",
        "awaiting_approval": "Waits for somebody to approve the plan.",
        "applying": "Adapters are at work.",
        "verifying": "What was made is being looked at.",
        "failing": "Something went wrong; what runs is being waited for.",
        "compensating": "What was made is being taken back.",
        "cancelling": "Somebody cancelled it; what runs is being waited for.",
        "succeeded": "Done.",
        "failed_clean": "Failed, and nothing was left behind.",
        "failed_dirty": "Failed, and something was left behind.",
        "cancelled_clean": "Cancelled, and nothing was left behind.",
        "cancelled_dirty": "Cancelled, and something was left behind.",
        "rejected": "Not carried out: not cleared any more, another plan than wanted, or not approved.",
    },
)


class Resource(graphene.ObjectType):
    """One thing that an adapter made for a container."""

    resource_id = graphene.String(required=True, description="The id by which the adapter knows it.")
    fqn = graphene.String(required=True, description="Fqn of the component that it was made for; may be empty.")
    kind = graphene.String(required=True, description="Which kind of component that is.")
    name = graphene.String(required=True, description="Name of that component.")
    adapter = graphene.String(required=True, description="The adapter that made it.")
    state = graphene.String(required=True, description="How far the adapter has come with it.")
    reason = graphene.String(required=True, description="Why, when it failed or drifted; may be empty.")
    error_class = graphene.String(required=True, description="The class of its last error; may be empty.")


class PlannedAction(graphene.ObjectType):
    """What is done to one component of a data product."""

    action = graphene.String(required=True, description="`create`, `update`, `replace`, `delete` or `noop`.")
    reason = graphene.String(required=True, description="Why.")
    adapter = graphene.String(required=True, description="The adapter that does it.")
    destructive = graphene.Boolean(required=True, description="Whether it removes something or makes it anew.")
    data = graphene.String(required=True, description="What becomes of removed data: `retain`, `delete`; else empty.")
    fqn = graphene.String(required=True, description="Fqn of the component.")
    kind = graphene.String(required=True, description="Which kind of component that is.")
    name = graphene.String(required=True, description="Name of that component.")


class DeploymentPlan(graphene.ObjectType):
    """What a deployment carries out, or what people are asked about."""

    digest = graphene.String(required=True, description="Its digest, by which it is approved or pinned.")
    actions = graphene.List(graphene.NonNull(PlannedAction), required=True, description="In the order of doing.")
    notes = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="What of the descriptor no action carries out."
    )


class Deployment(graphene.ObjectType):
    """The doing of a plan: it deploys a version to a container, or retires the container."""

    class Meta:
        interfaces = (Node,)

    action = graphene.String(required=True, description="`deploy` or `retire`.")
    fqn = graphene.String(required=True, description="Fqn of the data product.")
    environment = graphene.String(required=True, description="The environment that it works in.")
    version = graphene.String(required=True, description="The version that it deploys or retires.")
    state = graphene.Field(DeploymentState, required=True, description="How far it has come.")
    generation = graphene.Int(required=True, description="Generation of the container that it makes.")
    rollback = graphene.Boolean(required=True, description="Whether a lower version was put in place on purpose.")
    reason = graphene.String(required=True, description="Why it failed or was cancelled; may be empty.")
    error_class = graphene.String(required=True, description="The class of the error that ended it; may be empty.")
    cause = graphene.String(required=True, description="Why it was begun: `request`, `on_accept` or `drift`.")
    waiting = graphene.Field(Waiting, description="What it waits for now, why and until when; null when it does not.")
    events = paged(
        DeploymentEventConnection,
        "What happened to it, oldest first. Go on from `endCursor`, also of an empty page, and nothing is missed.",
    )
    requested_by = graphene.String(required=True, description="Id of the principal who asked for it.")
    requested_at = graphene.DateTime(required=True, description="When it was asked for, in UTC.")
    consent = graphene.Boolean(required=True, description="Whether its requester agreed to whatever it removes.")
    pinned = graphene.String(required=True, description="Digest of the only plan that is wanted; may be empty.")
    asks = graphene.String(required=True, description="What people are asked for: `approval`, `consent`; else empty.")
    asked_at = graphene.DateTime(description="Since when they are asked, in UTC.")
    approved_by = graphene.String(required=True, description="Id of who approved its plan; may be empty.")
    approved_plan = graphene.String(required=True, description="Digest of the plan that was approved; may be empty.")
    approved_at = graphene.DateTime(description="When that was, in UTC.")
    plan = graphene.Field(DeploymentPlan, description="What it does; null before it was planned.")
    resources = graphene.List(graphene.NonNull(Resource), required=True, description="The resources of its container.")

    def resolve_plan(self, info: Any) -> Any:
        return one(self, "id", info.context, info.context.together.plans)

    @of_source
    def resolve_id(self: Any, info: Any) -> str:
        return global_id("Deployment", self.id)

    @of_source
    def resolve_requested_by(self: Any, info: Any) -> Any:
        return self.principal

    def resolve_waiting(self: Any, info: Any) -> Any:
        return one(self, "id", info.context, info.context.together.waits)

    def resolve_events(self: Any, info: Any, first: int, after: str | None = None) -> Any:
        return events_of(self, info.context, first=first, after=after)

    def resolve_resources(self: Any, info: Any) -> Any:
        return several(self, "container_id", info.context, info.context.together.resources)


class Container(graphene.ObjectType):
    """The running instance of one major of a data product in one environment."""

    class Meta:
        interfaces = (Node,)

    container_id = graphene.String(required=True, description="Its id, as `GET /v1/containers/{id}` takes it.")
    fqn = graphene.String(required=True, description="Fqn of the data product that runs here.")
    environment = graphene.String(required=True, description="Where it runs.")
    status = graphene.Field(ContainerStatus, required=True, description="What is the matter with it.")
    version = graphene.String(required=True, description="The version that is live; empty before the first one is.")
    generation = graphene.Int(required=True, description="Rises with every deployment.")
    usable = graphene.Boolean(required=True, description="Whether consumers can use it now.")
    in_sync = graphene.Boolean(required=True, description="Whether what runs is what was deployed.")
    reason = graphene.String(required=True, description="Why it is not as it should be; may be empty.")
    observed = graphene.Field(Observed, description="When it was and will be observed; null of the past.")
    changed_at = graphene.DateTime(required=True, description="When this last changed, in UTC.")
    resources = graphene.List(
        graphene.NonNull(Resource), required=True, description="What it is made of, in the order in which it was made."
    )
    deployment = graphene.Field(Deployment, description="Its newest deployment.")
    access_grants = GRANTS

    @of_source
    def resolve_id(self: Any, info: Any) -> str:
        return global_id("Container", self.id)

    @of_source
    def resolve_container_id(self: Any, info: Any) -> Any:
        return self.id

    @of_source
    def resolve_changed_at(self: Any, info: Any) -> Any:
        return self.at

    def resolve_observed(self: Any, info: Any) -> Any:
        return one(self, "id", info.context, info.context.together.looks)

    def resolve_deployment(self: Any, info: Any) -> Any:
        return one(self, "deployment_id", info.context, info.context.together.deployments)

    def resolve_resources(self: Any, info: Any) -> Any:
        return several(self, "id", info.context, info.context.together.resources)

    def resolve_access_grants(self: Any, info: Any) -> Any:
        return grants_of(self, info.context)


DeploymentConnection = connection("Deployment", Deployment, "deployments, newest first")
ContainerConnection = connection("Container", Container, "containers")
