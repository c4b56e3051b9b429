"""What does a reader learn of how policies reach those who decide: releases, and OPA servers that pull them?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import graphene
import orjson

from api.graphql.execution import of_source
from api.graphql.types.page import connection
from engine.errors import CursorInvalid


class Release(graphene.ObjectType):
    """A bundle of policies, assignments and waivers that was put in force for this catalog."""

    number = graphene.Int(
        required=True, description="Its number; releases are counted in the order in which they came."
    )
    revision = graphene.String(required=True, description="The revision of its policies, which decisions name.")
    assignments_digest = graphene.String(required=True, description="The digest of its assignments.")
    waivers_digest = graphene.String(required=True, description="The digest of its waivers.")
    released = graphene.DateTime(required=True, description="The moment that its builder gave it, in UTC.")
    key_id = graphene.String(required=True, description="Which key signed it; empty when that was not verified.")
    policies = graphene.Int(required=True, description="How many policies it holds.")
    principal = graphene.String(required=True, description="Id of the principal who released it here.")
    at = graphene.DateTime(required=True, description="When it was released here, in UTC.")
    active_since = graphene.DateTime(description="Since when it is in force; null when it is not.")
    reason = graphene.String(required=True, description="Why it came back into force; may be empty.")


class Opa(graphene.ObjectType):
    """The last status of an OPA server that pulls its policies, in its own words."""

    name = graphene.String(required=True, description="Its `labels.id`.")
    labels = graphene.String(required=True, description="All its labels, as JSON text.")
    revision = graphene.String(required=True, description="The revision that it decides by; empty when it has none.")
    activated = graphene.String(required=True, description="When it last activated a bundle.")
    requested = graphene.String(required=True, description="When it last was answered.")
    code = graphene.String(required=True, description="What is wrong with its bundle; empty when nothing is.")
    message = graphene.String(required=True, description="The same in words.")
    errors = graphene.List(graphene.NonNull(graphene.String), required=True, description="The same in detail.")
    at = graphene.DateTime(required=True, description="When its status came, in UTC.")

    @of_source
    def resolve_name(self: Any, info: Any) -> str:
        return str(self.id)

    @of_source
    def resolve_labels(self: Any, info: Any) -> str:
        return orjson.dumps(self.labels).decode()


ReleaseConnection = connection("Release", Release, "releases, the newest first")
OpaConnection = connection("Opa", Opa, "OPA servers, by name")


class KeyedPage:
    """One page of a list in which each item follows the one with the key before it."""

    def __init__(self, found: Sequence[Any], first: int, key: Callable[[Any], str | int]) -> None:
        self.items = found[:first]
        self.has_next_page = len(found) > first
        self._key = key

    def cursor(self, item: Any) -> str:
        """Where a page that follows this item starts."""
        return str(self._key(item))


def releases(house: Any, first: int, after: str | None) -> KeyedPage:
    """One page of the releases. Raises CursorInvalid."""
    if after is not None and not (after.isascii() and after.isdecimal() and len(after) < 19):
        raise CursorInvalid()
    found = house.releases.page(first=first + 1, below=None if after is None else int(after))
    return KeyedPage(found, first, lambda one: one.number)


def opas(house: Any, first: int, after: str | None) -> KeyedPage:
    """One page of the OPA servers."""
    return KeyedPage(house.opas.page(first=first + 1, after=after or ""), first, lambda one: one.id)
