"""What does a reader learn of who may read a port?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import graphene

from api.flows.access.showing import Effect, effect_of
from api.graphql.context import Context
from api.graphql.execution import of_source
from api.graphql.reads import one, page, several
from api.graphql.types.enums import closed_set
from api.graphql.types.page import connection, paged

AccessState = closed_set(
    "AccessState",
    "How a request for access stands.",
    {
        "requested": "Nobody has decided on it yet.",
        "approved": "The subject may read the port.",
        "rejected": "It was refused.",
        "revoked": "It was taken back.",
        "expired": "Its time is over.",
    },
)

AccessEffect = closed_set(
    "AccessEffect",
    "Whether access is in effect where the port runs.",
    {
        "none": "There is none: it is not, or no longer, approved.",
        "waiting": "Nothing with the port runs, or a worker has still to let the subject in.",
        "in_effect": "The adapter lets the subject in.",
        "catalog_only": "The adapter lets nobody in or keeps nobody out: access is a fact of the catalog only.",
        "failed": "The adapter could not let the subject in; it is tried again.",
    },
)


class AccessRequest(graphene.ObjectType):
    """Somebody's wish that a subject may read an output port; an approved one is a grant."""

    request_id = graphene.String(required=True, description="Its id, as `/v1/access-requests/{id}` takes it.")
    state = graphene.Field(AccessState, required=True, description="How it stands.")
    port = graphene.String(required=True, description="Name of the output port.")
    environment = graphene.String(required=True, description="The environment that it is about.")
    subject = graphene.String(required=True, description="Who is to read it: `user:x`, `group:y`, `product:fqn`.")
    purpose = graphene.String(required=True, description="What for; may be empty.")
    version = graphene.String(required=True, description="The version that policies judged it against.")
    decision_id = graphene.String(required=True, description="Id of their decision.")
    requested_by = graphene.String(required=True, description="Who asked for it.")
    requested_at = graphene.DateTime(required=True, description="When, in UTC.")
    approved_by = graphene.String(required=True, description="Who approved it; empty before that.")
    ends = graphene.DateTime(required=True, description="Until when it holds, this moment excluded.")
    note = graphene.String(required=True, description="Why the last step was taken; may be empty.")
    effect = graphene.Field(AccessEffect, description="Whether it is in effect now; null at a moment of the past.")
    effect_reason = graphene.String(description="Why it is not in effect; null at a moment of the past.")

    @of_source
    def resolve_request_id(self: Any, info: Any) -> Any:
        return self.id

    def resolve_effect(self: Any, info: Any) -> Any:
        found = _effect(self, info.context)
        return None if found is None else str(found[0])

    def resolve_effect_reason(self: Any, info: Any) -> Any:
        found = _effect(self, info.context)
        return None if found is None else found[1]


AccessRequestConnection = connection("AccessRequest", AccessRequest, "requests for access, the newest first")


class PortAccess(graphene.ObjectType):
    """Who is let in to an output port of a container."""

    port = graphene.String(required=True, description="Name of the output port.")
    adapter = graphene.String(required=True, description="The adapter that made it.")
    state = graphene.String(
        required=True, description="`set`, `setting` (a worker is at it), `failed`, or `unsupported` by the adapter."
    )
    subjects = graphene.List(graphene.NonNull(graphene.String), required=True, description="Those who are let in.")
    reason = graphene.String(required=True, description="Why others are not; may be empty.")


REQUESTS = paged(
    AccessRequestConnection,
    "Who asked to read its output ports, and who may; the newest request first.",
    port=graphene.String(description="Only for the output port with this name."),
    environment=graphene.String(description="Only in this environment."),
    states=graphene.List(graphene.NonNull(AccessState), description="Only those that stand so."),
)
GRANTS = graphene.List(
    graphene.NonNull(PortAccess),
    required=True,
    description="Who is let in to its output ports now; empty at a moment of the past.",
)


def requests_of(
    product: Any,
    context: Context,
    *,
    port: str | None = None,
    environment: str | None = None,
    states: list[Any] | None = None,
    **asked: Any,
) -> Any:
    """One page of the requests that are about a product."""
    wanted = None if states is None else sorted(one.value for one in states)

    def kept(rows: Iterable[Any]) -> Iterable[Any]:
        for row in rows:
            at = port in (None, row.port) and environment in (None, row.environment)
            if at and (wanted is None or row.state in wanted):
                yield row

    what = f"{[port, environment, wanted]}"
    return page(product, "id", context, context.house.access_requests.of_lines, what=what, keep=kept, **asked)


def grants_of(container: Any, context: Context) -> Any:
    """Who is let in to the ports of a container."""
    return several(container, "id", context, context.house.access_sets.of_containers)


def _effect(request: Any, context: Context) -> tuple[Effect, str] | None:
    if context.siblings.at(request) is not None:
        return None
    return effect_of(request, one(request, "line_id", context, context.house.access_sets.of_lines) or {})
