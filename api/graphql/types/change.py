"""What does a reader of the feed learn of a change?"""

from __future__ import annotations

from typing import Any

import graphene
import orjson

from api.graphql.execution import of_source
from api.graphql.types.page import connection


class Change(graphene.ObjectType):
    """One entry of the ordered feed of everything that happened."""

    kind = graphene.String(required=True, description="What happened, such as `version.accepted`.")
    subject = graphene.String(required=True, description="Fqn of the data product that it happened to; may be empty.")
    payload = graphene.String(required=True, description="What else there is to tell, as JSON text.")
    principal = graphene.String(required=True, description="Id of the principal who did it.")
    at = graphene.DateTime(required=True, description="When, in UTC.")

    @of_source
    def resolve_payload(self: Any, info: Any) -> str:
        return orjson.dumps(self.payload, default=dict).decode()


ChangeConnection = connection("Change", Change, "changes, oldest first")


class FeedPage:
    """Some changes as a page: cursors are the feed's own, as `GET /v1/changes?after=` takes them."""

    def __init__(self, found: tuple[Any, ...], first: int) -> None:
        self.items = found[:first]
        self.has_next_page = len(found) > first

    def cursor(self, item: Any) -> str:
        """The cursor of a change."""
        return str(item.cursor)
