"""What is told while it happens?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import graphene

from api.flows import changes as flow
from api.flows import happened
from api.flows.wanted_changes import wanted
from api.graphql.context import Context
from api.graphql.types.change import Change, feed_cursor
from api.graphql.types.happening import DeploymentEvent
from catalog.changes import Wanted
from engine.errors import CursorInvalid

AT_ONCE = 20
"""Changes that are read and answered together for one subscriber."""


class Following:
    """The changes after a cursor, for one subscriber: first what there is already, then what comes."""

    about: str | None = None
    over = False

    def __init__(self, context: Context, of: Wanted, after: int) -> None:
        self.cursor = after
        self._context, self._wanted = context, of

    def read(self) -> Sequence[Any]:
        """The next changes that are wanted; none where there are none now."""
        asking, house = self._context.principal, self._context.house
        found = flow.changes(self.cursor, principal=asking, house=house, wanted=self._wanted, limit=AT_ONCE)
        self.cursor = found.reached
        return found.changes


class Course:
    """The events of one deployment after a cursor, until it is over."""

    def __init__(self, context: Context, deployment: str, after: int) -> None:
        self.about: str | None = deployment
        self.cursor, self.over = after, False
        self._context, self._deployment = context, deployment

    def read(self) -> Sequence[Any]:
        """The next events; none where there are none now."""
        asking, happenings = self._context.principal, self._context.house.happenings
        found = happened.events(self._deployment, self.cursor, principal=asking, happenings=happenings, limit=AT_ONCE)
        self.cursor, self.over = found.reached, found.ended
        return found.events


class Subscription(graphene.ObjectType):
    """What happens, told over a WebSocket (`graphql-transport-ws`) while it happens."""

    changes = graphene.Field(
        Change,
        required=True,
        description="All that happens from now on, or after a cursor, in order: nothing is missed or told twice.",
        after=graphene.String(description="The cursor of the last change that is known; `0` for all there ever were."),
        kinds=graphene.List(
            graphene.NonNull(graphene.String),
            description="Only these kinds, as `version.accepted` or `version.*`; all when left out.",
        ),
        domain=graphene.String(description="Only changes of this domain."),
        product=graphene.String(description="Only changes of this line, or of this product if no major is named."),
    )

    deployment_events = graphene.Field(
        DeploymentEvent,
        required=True,
        description="All that happens to a deployment, in order and without a gap, until it is over.",
        id=graphene.String(required=True, description="Its id as REST gives it, a UUID."),
        after=graphene.String(description="The cursor of the last event that is known; all of them when left out."),
    )

    def subscribe_deployment_events(self, info: Any, id: str, after: str | None = None) -> Course:
        context: Context = info.context
        start = 0 if after is None else feed_cursor(after)
        happened.events(id, start, principal=context.principal, happenings=context.house.happenings, limit=1)
        return Course(context, id, start)

    def resolve_deployment_events(self: Any, info: Any, **_: Any) -> Any:
        return self

    def subscribe_changes(
        self,
        info: Any,
        after: str | None = None,
        kinds: list[str] | None = None,
        domain: str | None = None,
        product: str | None = None,
    ) -> Following:
        context: Context = info.context
        of = wanted(kinds or (), [domain] if domain is not None else (), [product] if product is not None else ())
        last = flow.last(principal=context.principal, house=context.house)
        start = last if after is None else feed_cursor(after)
        if start > last:
            raise CursorInvalid(f"There is no change {start} yet; the last one is {last}.")
        return Following(context, of, start)

    def resolve_changes(self: Any, info: Any, **_: Any) -> Any:
        return self
