"""How is the mesh read as it was at an instant?"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import graphene

from api.graphql.context import Context
from api.graphql.errors import refused
from api.graphql.types.reading import Reading
from api.graphql.types.walk import Walking


class ToldAsOf(NamedTuple):
    """The source of a catalog: `at` is the revision that everything is read at, None for now."""

    at: int | None
    revision: int
    as_of: datetime | None


class Catalog(Reading, Walking, graphene.ObjectType):
    """The mesh as the catalog told it at one instant: everything below is as of then, at whatever depth.

    There is no `search` here: the index that it asks knows the mesh of now only.
    """

    as_of = graphene.DateTime(
        description="The instant that was asked for, else the moment of `revision`; null before the first one."
    )
    revision = graphene.Int(
        required=True,
        description="The last revision that was made by then: ask with it to be told the same ever after. 0 is empty.",
    )


class TimeTravel:
    """The field of the query that leads to the past."""

    catalog = graphene.Field(
        Catalog,
        required=True,
        description="The mesh as it was at an instant or a revision; as it is now when neither is given.",
        as_of=graphene.DateTime(description="A moment that has passed, with its offset, such as 2026-11-23T08:00:00Z."),
        revision=graphene.Int(description="A revision of the catalog, from 0 (empty) to the last one."),
    )

    def resolve_catalog(self, info: Any, as_of: datetime | None = None, revision: int | None = None) -> Any:
        return _told(info.context, as_of, revision)


def _told(context: Context, as_of: datetime | None, revision: int | None) -> ToldAsOf:
    instants = context.house.instants
    if as_of is not None and revision is not None:
        raise refused("argument-invalid", "Give `asOf` or `revision`, not both.")
    if as_of is not None:
        found = instants.by(as_of, now=context.house.clock())
        return ToldAsOf(found.revision, found.revision, as_of)
    if revision is not None:
        found = instants.of(revision)
        return ToldAsOf(found.revision, found.revision, found.moment)
    found = instants.last()
    return ToldAsOf(None, found.revision, found.moment)
