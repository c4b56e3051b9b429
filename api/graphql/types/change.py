"""What does a reader of the feed learn of a change, and how does one follow it?"""

from __future__ import annotations

from typing import Any

import graphene
import orjson

from api.flows.wanted_changes import wanted
from api.graphql.execution import of_source
from api.graphql.types.page import answered, connection, paged, sized
from catalog.changes import Stretch
from engine.errors import CursorInvalid


class Change(graphene.ObjectType):
    """One entry of the ordered feed of everything that happened."""

    cursor = graphene.String(required=True, description="Its place in the feed, as `after` takes it.")
    kind = graphene.String(required=True, description="What happened, such as `version.accepted`.")
    subject = graphene.String(required=True, description="Fqn of the data product that it happened to; may be empty.")
    domain = graphene.String(required=True, description="The domain that it happened in; may be empty.")
    decision_id = graphene.String(
        description="Id of the decision that it stands on, as `GET /v1/decisions/{id}` takes it; null without one."
    )
    payload = graphene.String(required=True, description="What else there is to tell, as JSON text.")
    principal = graphene.String(required=True, description="Id of the principal who did it.")
    at = graphene.DateTime(required=True, description="When, in UTC.")
    revision = graphene.Int(
        required=True, description="The revision of the catalog that it belongs to; `catalog(revision:)` takes it."
    )

    @of_source
    def resolve_cursor(self: Any, info: Any) -> str:
        return str(self.cursor)

    @of_source
    def resolve_decision_id(self: Any, info: Any) -> Any:
        return self.payload.get("decision")

    @of_source
    def resolve_payload(self: Any, info: Any) -> str:
        return orjson.dumps(self.payload, default=dict).decode()


ChangeConnection = connection("Change", Change, "changes, oldest first")


class FeedPage:
    """Some changes as a page: cursors are the feed's own, as `GET /v1/changes?after=` takes them."""

    def __init__(self, found: Stretch) -> None:
        self.items = found.changes
        self.has_next_page = found.more

    def cursor(self, item: Any) -> str:
        """The cursor of a change."""
        return str(item.cursor)


class Following:
    """The field of the query that is about what happened."""

    changes = paged(
        ChangeConnection,
        "Everything that happened, oldest first. Go on from `endCursor`, also of an empty page, and nothing is missed.",
        size=50,
        kinds=graphene.List(
            graphene.NonNull(graphene.String), description="Only these, such as `version.accepted` or `version.*`."
        ),
        domain=graphene.String(description="Only those of this domain."),
        product=graphene.String(description="Only those of this line, or of this product: an fqn in any dialect."),
    )

    def resolve_changes(
        self,
        info: Any,
        first: int,
        after: str | None = None,
        kinds: list[str] | None = None,
        domain: str | None = None,
        product: str | None = None,
    ) -> Any:
        asked = info.context
        filters = wanted(kinds or (), () if domain is None else (domain,), () if product is None else (product,))
        start = 0 if after is None else feed_cursor(after)
        found = asked.house.changes.wanted(filters, start, principal=asked.principal, limit=sized(first))
        return answered(FeedPage(found), after, end=str(found.reached))


def feed_cursor(text: str) -> int:
    """The place in the feed that this cursor names. Raises CursorInvalid."""
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise CursorInvalid()
    return int(text)
