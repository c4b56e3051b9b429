"""How does a version of a product differ from another, and which version brought each port and column?"""

from __future__ import annotations

from typing import Any

import graphene
import orjson

from api.graphql.execution import of_source
from api.graphql.reads import one
from api.graphql.types.enums import PortKind, closed_set
from api.graphql.types.page import Slice, answered, connection, paged, sized
from catalog import cursor
from catalog.evolution import Blame
from engine.model import pointer

MOST_TEXT = 2_000
"""Characters of a value that are shown; a longer one is left to whoever reads the descriptor at the pointer."""

DifferenceLevel = closed_set(
    "DifferenceLevel",
    "By which number of the version a change must show.",
    {
        "major": "It may break who uses the product.",
        "minor": "It is noticed, and breaks nobody.",
        "patch": "Texts for people, and what only concerns the inside.",
    },
)
LEVELS = {1: "patch", 2: "minor", 3: "major"}

DifferenceArea = closed_set(
    "DifferenceArea",
    "What of a descriptor a change is about.",
    {
        "info": "The product as a whole: its domain, owner, names.",
        "port": "A port: that it is there, its name, version, tags.",
        "contract": "The interface of a port, in another way than by columns.",
        "column": "A column of a port.",
        "slo": "A service level objective of a port.",
        "promise": "Another promise of a port: platform, deprecation policy.",
        "expectation": "What a port expects of its use.",
        "obligation": "Terms, billing and agreements of a port.",
        "internals": "Components inside the product.",
        "document": "Anything else in the descriptor.",
    },
)


class Difference(graphene.ObjectType):
    """One change from one version of a product to another."""

    level = graphene.Field(DifferenceLevel, required=True, description="How much it means to consumers.")
    area = graphene.Field(DifferenceArea, required=True, description="What it is about.")
    port_kind = graphene.Field(PortKind, description="The kind of the port; null where it is about none.")
    port = graphene.String(required=True, description="The port; empty where it is about none.")
    column = graphene.String(required=True, description="The column as `dataset.path`; empty where it is about none.")
    pointer = graphene.String(required=True, description="Where it stands in the newer effective descriptor.")
    message = graphene.String(required=True, description="The change in words.")
    before = graphene.String(
        description="What was there, as JSON; null for nothing, and for more than 2,000 characters."
    )
    now = graphene.String(
        description="What is there now, as JSON; null for nothing, and for more than 2,000 characters."
    )

    @of_source
    def resolve_level(self: Any, info: Any) -> str:
        return LEVELS[self.change.level]

    @of_source
    def resolve_port_kind(self: Any, info: Any) -> str | None:
        return self.change.kind or None

    @of_source
    def resolve_port(self: Any, info: Any) -> str:
        return self.change.port

    @of_source
    def resolve_column(self: Any, info: Any) -> str:
        return self.change.column

    @of_source
    def resolve_pointer(self: Any, info: Any) -> str:
        return pointer(self.change.path)

    @of_source
    def resolve_message(self: Any, info: Any) -> str:
        return self.change.msg

    @of_source
    def resolve_before(self: Any, info: Any) -> str | None:
        return _shown(self.before)

    @of_source
    def resolve_now(self: Any, info: Any) -> str | None:
        return _shown(self.now)


DifferenceConnection = connection("Difference", Difference, "changes between two versions")


class DescriptorDiff(graphene.ObjectType):
    """What changed from one accepted version of a product to another."""

    before = graphene.String(required=True, description="The version that is compared with.")
    now = graphene.String(required=True, description="The version that is looked at.")
    level = graphene.Field(DifferenceLevel, description="The greatest level of its changes; null where there is none.")
    changes = paged(DifferenceConnection, "The changes, those of the greatest level first.")

    @of_source
    def resolve_level(self: Any, info: Any) -> str | None:
        return None if self.level is None else LEVELS[self.level]

    def resolve_changes(self: Any, info: Any, first: int, after: str | None = None) -> Any:
        scope = f"differences {self.before} {self.now} {len(self.differences)}"
        return answered(Slice(self.differences, scope=scope, first=sized(first), after=after), after)


class Brought(graphene.ObjectType):
    """A version that brought or changed something."""

    version = graphene.String(required=True, description="The version, by SemVer.")
    decision_id = graphene.String(required=True, description="The decision that accepted it, as REST names it.")
    accepted_at = graphene.DateTime(required=True, description="When it was accepted, in UTC.")
    submitted_by = graphene.String(required=True, description="Id of the principal who submitted it.")


class BlameEntry(graphene.ObjectType):
    """A port or column, with the versions that brought it and last changed it."""

    port_kind = graphene.Field(PortKind, required=True, description="The kind of the port.")
    port = graphene.String(required=True, description="The port.")
    column = graphene.String(required=True, description="The column as `dataset.path`; empty for the port itself.")
    introduced = graphene.Field(Brought, required=True, description="The version since which it has been there.")
    changed = graphene.Field(Brought, required=True, description="The version that changed it last.")

    @of_source
    def resolve_port_kind(self: Any, info: Any) -> str:
        return self.kind


BlameConnection = connection(
    "Blame",
    BlameEntry,
    "ports and columns with the versions that brought them",
    complete=graphene.Boolean(
        required=True, description="Whether every version was looked at; if not, the oldest entries may be older still."
    ),
)


def diff_of(row: Any, key: str, context: Any, before: str | None, now: str | None = None) -> Any:
    """The `DescriptorDiff` of the version that `row` names by its attribute `key`, read for its siblings too."""
    read, at = context.house.evolution.diffs, context.siblings.at(row)

    def of_all(keys: list[str]) -> Any:
        return read(keys, principal=context.principal, before=before, now=now, at=at)

    return context.siblings.read(row, key, ("diff", key, before, now), of_all)


def blame_of(row: Any, key: str, context: Any, first: int, after: str | None, port: str | None) -> Any:
    """The page of a `BlameConnection` of the version that `row` names by its attribute `key`."""
    found = one(row, key, context, context.house.evolution.blame) or Blame((), True)
    entries = [entry for entry in found.entries if port in (None, entry.port)]
    scope = f"blame {getattr(row, key)} {port}{cursor.of_revision(context.siblings.at(row))}"
    page = Slice(entries, scope=scope, first=sized(first), after=after)
    return answered(page, after, complete=found.complete)


def _shown(value: Any) -> str | None:
    if value is None:
        return None
    text = orjson.dumps(value).decode()
    return text if len(text) <= MOST_TEXT else None
