"""What does the data of a port look like, as far as whoever asks may see it?"""

from __future__ import annotations

import json
from time import monotonic
from typing import Any

import graphene

from api.flows.sampling.sample import LONGEST_PURPOSE, ROWS, Wish, sample
from api.graphql.context import Context
from api.graphql.types.enums import closed_set
from catalog.samples import OUTPUT
from engine.errors import NotFound
from engine.sampling import sample as told

SECONDS = 4.0
"""The time that all samples of one operation have, which is less than the operation's own."""
MOST_FIELDS = 3
"""Samples of one operation, however it names them."""
SampleTreatment = closed_set(
    "SampleTreatment",
    "How the values of a column are shown.",
    {
        "show": "As they are.",
        "hash": "As codes by which equal values of this answer can be told.",
        "partial": "By the first character of longer ones.",
        "null": "Not at all: they are not even read.",
    },
)
SampleLimit = closed_set(
    "SampleLimit",
    "Which bound was reached.",
    {
        "rows": "The rows that one sample may have.",
        "seconds": "The time that a source may take.",
        "memory": "The memory that reading may take.",
        "concurrency": "The samples that are taken at once.",
        "fields": "The samples of one operation.",
    },
)


class SampleColumn(graphene.ObjectType):
    """One column of a sample."""

    name = graphene.String(required=True, description="Its name in the source.")
    type = graphene.String(required=True, description="Its type there; empty for a masked one.")
    shown = graphene.Field(SampleTreatment, required=True, description="How its values are shown.")
    tags = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="What the contract tags it with."
    )

    def resolve_shown(self: Any, info: Any) -> str:
        return str(self.treatment)


class SampleTruncated(graphene.ObjectType):
    """What of a sample is less than there is."""

    rows = graphene.Boolean(required=True, description="Whether the source has more rows.")
    bytes = graphene.Boolean(required=True, description="Whether the answer was full before its rows were.")
    cells = graphene.Int(required=True, description="How many values were cut.")


class Sample(graphene.ObjectType):
    """The first rows of a port. That they were shown is recorded."""

    version = graphene.String(required=True, description="The version whose contract was applied.")
    environment = graphene.String(required=True, description="Where they were read.")
    dataset = graphene.String(
        required=True, description="The table or message; empty where the contract tells of none."
    )
    columns = graphene.List(graphene.NonNull(SampleColumn), required=True, description="The columns of the rows.")
    rows = graphene.List(
        graphene.NonNull(graphene.List(graphene.String)),
        required=True,
        description="The values in the order of the columns: texts as they are, others as JSON writes them.",
    )
    truncated = graphene.Field(SampleTruncated, required=True, description="What is left out.")
    hidden = graphene.Int(required=True, description="How many further columns the source has that are not shown.")
    missing = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="Columns that were asked for and are not shown."
    )

    def resolve_rows(self: Any, info: Any) -> list[list[str | None]]:
        return [[_text(value) for value in row] for row in self.table.rows]

    def resolve_truncated(self: Any, info: Any) -> Any:
        return self.table.truncated


class AccessDenied(graphene.ObjectType):
    """Nothing is shown to you."""

    reason = graphene.String(required=True, description="Why, as a word.")
    message = graphene.String(required=True, description="Why, as a sentence.")
    reasons = graphene.List(graphene.NonNull(graphene.String), required=True, description="The policy's own words.")


class SourceUnavailable(graphene.ObjectType):
    """Nothing can be read there now."""

    reason = graphene.String(required=True, description="Why, as a word.")
    message = graphene.String(required=True, description="Why, as a sentence.")


class LimitExceeded(graphene.ObjectType):
    """A sample may not take so much."""

    limit = graphene.Field(SampleLimit, required=True, description="Which bound was reached.")
    message = graphene.String(required=True, description="What to do.")
    most = graphene.Float(required=True, description="The bound.")

    def resolve_limit(self: Any, info: Any) -> str:
        return str(self.limit)


_TYPES = {
    told.Sample: Sample,
    told.AccessDenied: AccessDenied,
    told.SourceUnavailable: SourceUnavailable,
    told.LimitExceeded: LimitExceeded,
}


class SampleResult(graphene.Union):
    """The first rows of a port, or why there are none."""

    class Meta:
        types = tuple(_TYPES.values())

    @classmethod
    def resolve_type(cls, instance: Any, info: Any) -> Any:
        return _TYPES[type(instance)]


SAMPLE = graphene.Field(
    SampleResult,
    required=True,
    description="The first rows of its data as you may see them; at most three samples in one operation.",
    first=graphene.Int(default_value=ROWS, description="How many rows, 1 to 100."),
    columns=graphene.List(graphene.NonNull(graphene.String), description="Only these columns."),
    environment=graphene.String(description="Where; the last environment in which the product runs when left out."),
    dataset=graphene.String(description="Which table or message of the port; the first one when left out."),
    purpose=graphene.String(default_value="", description="What for; the sampling policy and the auditors see it."),
)


def wished(
    port: str,
    first: int,
    columns: list[str] | None,
    environment: str | None,
    dataset: str | None,
    purpose: str,
) -> Wish:
    """What these arguments ask for."""
    named = None if columns is None else tuple(columns)
    return Wish(port, first, named, environment, dataset, purpose[:LONGEST_PURPOSE])


def of_port(port: Any, wish: Wish, context: Context) -> told.Outcome:
    """The sample of this port; each counts, whatever it is called in the operation."""
    if port.kind != OUTPUT:
        return told.SourceUnavailable("no-output-port", "Only output ports have data to show.")
    if not context.counted("sample", MOST_FIELDS):
        message = f"One operation takes at most {MOST_FIELDS} samples."
        return told.LimitExceeded(told.Limit.FIELDS, message, MOST_FIELDS)
    line = context.house.samples.line_of(port.version_id, principal=context.principal) or ""
    left = max(0.1, context.started + SECONDS - monotonic())
    try:
        return sample(line, wish, principal=context.principal, house=context.house, seconds=left)
    except NotFound:
        return told.SourceUnavailable("product-gone", "No version of the product is offered any more.")


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)
