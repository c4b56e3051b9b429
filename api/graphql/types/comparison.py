"""What do two to five data products have in common, and where do they differ?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import graphene
from graphql import GraphQLError

from api.flows import compare as flow
from api.graphql.context import Context
from api.graphql.errors import refused
from api.graphql.execution import of_source
from api.graphql.ids import GlobalId, understood
from api.graphql.types.enums import VersionStatus, closed_set
from api.graphql.types.page import Slice, answered, connection, paged, sized
from catalog.compared import Named
from engine.errors import ComparisonInvalid

_ASKED = 100
"""Ids and names that are looked at; whoever sends more is told so before anything is read."""

ComparisonAspect = closed_set(
    "ComparisonAspect",
    "What a row of a comparison is about.",
    {
        "product": "The product itself: domain, owner, status, how it stands, …",
        "port": "One of its ports: version, platform, API, …",
        "column": "A column of a port: type, description, classification.",
        "slo": "An objective that a port promises.",
        "policy": "How a policy of the mesh ended for it.",
        "trust": "How far it is trusted, where that is known.",
    },
)


class ComparedProduct(graphene.ObjectType):
    """One of the products that are compared, at one version."""

    fqn = graphene.String(required=True, description="The fully qualified name of its line.")
    name = graphene.String(required=True, description="Its name.")
    version = graphene.String(required=True, description="The version that is compared.")
    status = graphene.Field(VersionStatus, required=True, description="The standing of that version.")
    domain = graphene.String(required=True, description="The domain that owns it.")


class ComparisonRow(graphene.ObjectType):
    """One thing that is said of at least one of the products."""

    aspect = graphene.Field(ComparisonAspect, required=True, description="What it is about.")
    key = graphene.String(
        required=True, description="What it is: names between slashes, as `orders/amount/type` of a column."
    )
    values = graphene.List(
        graphene.String,
        required=True,
        description="What each product says, in order; null where it says nothing.",
    )
    differs = graphene.Boolean(required=True, description="Whether they do not all say the same.")

    @of_source
    def resolve_aspect(self: Any, info: Any) -> str:
        return str(self.aspect)


ComparisonRowConnection = connection("ComparisonRow", ComparisonRow, "rows of a comparison, by aspect")


class Comparison(graphene.ObjectType):
    """Two to five products side by side."""

    products = graphene.List(
        graphene.NonNull(ComparedProduct),
        required=True,
        description="The products, as they were named.",
    )
    rows = paged(
        ComparisonRowConnection,
        "What is said of any of them.",
        size=100,
        aspects=graphene.List(graphene.NonNull(ComparisonAspect), description="Only rows about these."),
        differing=graphene.Boolean(default_value=False, description="Only rows in which they differ."),
    )
    differences = graphene.Int(required=True, description="In how many rows they differ.")
    cut = graphene.Boolean(
        required=True, description="Whether one of them has more than 2000 columns, of which the others are left out."
    )

    def resolve_rows(
        self: Any, info: Any, first: int, after: str | None = None, aspects: Any = None, differing: bool = False
    ) -> Any:
        wanted = None if aspects is None else {one.value for one in aspects}
        rows = [row for row in self.rows if (wanted is None or row.aspect in wanted) and (row.differs or not differing)]
        names = " ".join(one.version_id for one in self.products)
        scope = f"comparison {names} {sorted(wanted) if wanted is not None else ''} {differing}"
        return answered(Slice(rows, scope=scope, first=sized(first), after=after), after)

    def resolve_differences(self: Any, info: Any) -> int:
        return sum(row.differs for row in self.rows)


class Refusal(NamedTuple):
    """Why some names cannot be compared."""

    code: str
    message: str
    unknown: Sequence[str]


class ComparisonRefused(graphene.ObjectType):
    """Why these cannot be compared."""

    code = graphene.String(required=True, description="The stable code of the error: `comparison-invalid`.")
    message = graphene.String(required=True, description="What is wrong.")
    unknown = graphene.List(
        graphene.NonNull(graphene.String), required=True, description="Those of the names that nothing has."
    )


class ComparisonResult(graphene.Union):
    """A comparison, or why there is none."""

    class Meta:
        types = (Comparison, ComparisonRefused)

    @classmethod
    def resolve_type(cls, instance: Any, info: Any) -> Any:
        return ComparisonRefused if isinstance(instance, Refusal) else Comparison


class Comparing:
    """The field of the query that compares."""

    compare = graphene.Field(
        ComparisonResult,
        required=True,
        description="Two to five data products side by side.",
        products=graphene.List(
            graphene.NonNull(graphene.ID),
            required=True,
            description="Ids of data products or versions, or fqns, perhaps with `@VERSION` behind them.",
        ),
    )

    def resolve_compare(self, info: Any, products: list[str]) -> Any:
        return _compared(products, info.context)


def _compared(texts: Sequence[str], context: Context) -> Any:
    if len(texts) > _ASKED:
        raise refused("page-too-large", f"At most {_ASKED} ids at once.", limit=_ASKED)
    try:
        wanted = [_named(text) for text in texts]
        return flow.of(wanted, texts, principal=context.principal, house=context.house)
    except ComparisonInvalid as reason:
        return Refusal(reason.code, reason.detail, reason.context.get("unknown", ()))


def _named(text: str) -> Named:
    """What a global id or a text names; a version may stand behind the id of a product too."""
    plain, at, version = text.rpartition("@")
    known = _id(plain if at else text)
    if known is None:
        return flow.named(text)
    if known.type == "Version":
        return Named("", version_id=known.key)
    return Named(known.key, version if at else None) if known.type == "DataProduct" else flow.named(text)


def _id(text: str) -> GlobalId | None:
    try:
        return understood(text)
    except GraphQLError:
        return None
