"""What does a reader learn of the steps of a deployment, and of what it waits for?"""

from __future__ import annotations

from typing import Any

import graphene
import orjson

from api.graphql.context import Context
from api.graphql.execution import of_source
from api.graphql.types.change import feed_cursor
from api.graphql.types.enums import closed_set
from api.graphql.types.page import answered, connection, sized
from catalog.happenings import Course

DeploymentEventKind = closed_set(
    "DeploymentEventKind",
    "What can happen to a deployment.",
    {
        "requested": "It was asked for, and waits for a worker.",
        "state": "It came to another state.",
        "planned": "What is to be done was found out: forward, or to undo it.",
        "begun": "An adapter is about to be asked for a resource.",
        "resource": "A resource came to another state.",
        "progress": "An adapter told how far it is.",
        "waiting": "It waits: for what, why and until when is told.",
    },
)


class DeploymentEvent(graphene.ObjectType):
    """One thing that happened to a deployment; never changed."""

    cursor = graphene.String(required=True, description="Its number, as `after` takes it; they have no gap.")
    kind = graphene.Field(DeploymentEventKind, required=True, description="What happened.")
    at = graphene.DateTime(required=True, description="When, in UTC.")
    state = graphene.String(
        required=True,
        description="The state that the deployment, or its `resource` if one is named, came to; may be empty.",
    )
    resource = graphene.String(required=True, description="Fqn of the resource that it happened to; may be empty.")
    reason = graphene.String(required=True, description="Why, or what an adapter said; may be empty.")
    error_class = graphene.String(required=True, description="The class of the error, where there was one; else empty.")
    details = graphene.String(required=True, description="What else there is to tell, as JSON text.")

    @of_source
    def resolve_cursor(self: Any, info: Any) -> str:
        return str(self.sequence)

    @of_source
    def resolve_details(self: Any, info: Any) -> str:
        return orjson.dumps(self.details).decode()


DeploymentEventConnection = connection("DeploymentEvent", DeploymentEvent, "events of a deployment, oldest first")


class EventPage:
    """Some events as a page; cursors are their numbers, as `GET /v1/deployments/{id}/events?after=` takes them."""

    def __init__(self, found: Course) -> None:
        self.items = found.events
        self.has_next_page = found.more

    def cursor(self, item: Any) -> str:
        """The cursor of an event."""
        return str(item.sequence)


def events_of(deployment: Any, context: Context, *, first: int, after: str | None) -> dict[str, Any]:
    """The source of a connection over the events of a deployment; one statement for it and its siblings."""
    count, start = sized(first), 0 if after is None else feed_cursor(after)

    def of_all(keys: list[str]) -> Any:
        return context.house.happenings.together(keys, start, principal=context.principal, limit=count)

    course: Any = context.siblings.read(deployment, "id", ("events", start, count), of_all)
    return answered(EventPage(course), after, end=str(course.reached))


class Waiting(graphene.ObjectType):
    """What a deployment waits for now."""

    waits_for = graphene.String(required=True, description="`retry`, `operation`, `approval` or `slot`.")
    reason = graphene.String(required=True, description="Why it waits.")
    until = graphene.DateTime(description="When it is looked at again at the latest, in UTC.")
    resource = graphene.String(required=True, description="Fqn of the resource that blocks it; may be empty.")
    error_class = graphene.String(required=True, description="The class of the error that blocks it; may be empty.")
    percent = graphene.Int(description="How far the adapter is with it, where it says so.")
    message = graphene.String(required=True, description="What the adapter says of it; may be empty.")


class Observed(graphene.ObjectType):
    """When a container was looked at, and what became of what had drifted."""

    observed_at = graphene.DateTime(description="When it was observed last, in UTC; null before the first time.")
    next_at = graphene.DateTime(required=True, description="When it is observed next, in UTC.")
    repairs = graphene.Int(required=True, description="How often it was repaired on the day of its last repair.")
    unrepaired = graphene.String(required=True, description="Why what drifted is not repaired; may be empty.")
