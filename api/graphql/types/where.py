"""How is a filter typed, and which tree of the catalog does it mean?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import graphene

from api.graphql.types.enums import StandingState, VersionStatus
from catalog.search.where import DEEPEST, FIELDS, Every, Is, Not, Operator, Says, Some, Where, together
from engine.errors import SearchInvalid


def _of(kind: Any, says: str) -> Any:
    return graphene.List(graphene.NonNull(kind), name="in", description=says)


class TextOp(graphene.InputObjectType):
    """How a text compares, without regard to case and accents. What is given has to hold together.

    Of a field with several values it is enough that one of them compares so.
    """

    eq = graphene.String(description="It is this one.")
    in_ = _of(graphene.String, "It is one of these.")
    starts_with = graphene.String(description="It begins so.")
    contains = graphene.String(description="This stands somewhere in it.")


class StatusOp(graphene.InputObjectType):
    """Which standing a version has. What is given has to hold together."""

    eq = graphene.InputField(VersionStatus, description="It has this one.")
    in_ = _of(VersionStatus, "It has one of these.")


class VersionOp(graphene.InputObjectType):
    """How a version compares by the precedence of SemVer. What is given has to hold together."""

    eq = graphene.String(description="It is this one; build metadata does not matter.")
    in_ = _of(graphene.String, "It is one of these.")
    lt = graphene.String(description="It is lower.")
    lte = graphene.String(description="It is lower or equal.")
    gt = graphene.String(description="It is higher.")
    gte = graphene.String(description="It is higher or equal.")


class FloatOp(graphene.InputObjectType):
    """How a number compares. What is given has to hold together; where there is no number, nothing holds."""

    eq = graphene.Float(description="It is this one.")
    in_ = _of(graphene.Float, "It is one of these.")
    lt = graphene.Float(description="It is lower.")
    lte = graphene.Float(description="It is lower or equal.")
    gt = graphene.Float(description="It is higher.")
    gte = graphene.Float(description="It is higher or equal.")


class DateOp(graphene.InputObjectType):
    """How a moment compares with a day in UTC (`2026-11-23`, meant as a whole) or with a moment and its time zone.

    Both are written by ISO 8601. What is given has to hold together.
    """

    eq = graphene.String(description="It is on this day, or is this moment.")
    lt = graphene.String(description="It is before.")
    lte = graphene.String(description="It is on this day or before, or is this moment or before.")
    gt = graphene.String(description="It is after; of a day, when that is over.")
    gte = graphene.String(description="It is on this day or after, or is this moment or after.")


class ComplianceOp(graphene.InputObjectType):
    """How a product stands. What is given has to hold together."""

    eq = graphene.InputField(StandingState, description="It stands so.")
    in_ = _of(StandingState, "It stands in one of these ways.")


_KINDS = {"status": StatusOp, "version": VersionOp, "updated": DateOp, "trust": FloatOp, "compliance": ComplianceOp}
#: what the schema calls a field otherwise than a line does
_NAMES = {"updated": "updatedAt"}


_TREE = {
    "AND": graphene.List(graphene.NonNull(lambda: ProductWhere), description="All of these hold."),
    "OR": graphene.List(graphene.NonNull(lambda: ProductWhere), description="At least one of these holds."),
    "NOT": graphene.InputField(lambda: ProductWhere, description="This does not hold."),
    "text": graphene.String(description="All of these words are found in it."),
    "phrase": graphene.String(description="These words stand one after the other in one of its texts."),
}
_COMPARED = {
    name: graphene.InputField(_KINDS.get(name, TextOp), name=_NAMES.get(name), description=says)
    for name, says in FIELDS.items()
}
_SAYS = "What has to hold of a data product, all of it together; nothing given holds of every one."
#: one field for every field of the catalog's own filter, so that none is forgotten
ProductWhere: Any = type("ProductWhere", (graphene.InputObjectType,), {"__doc__": _SAYS, **_TREE, **_COMPARED})


def tree(asked: Mapping[str, Any] | None, depth: int = 1) -> Where | None:
    """The tree that a `ProductWhere` means; None for none. Raises `SearchInvalid` where it is nested too deeply."""
    if asked is None:
        return None
    if depth > DEEPEST:
        raise SearchInvalid(f"The filter is nested more than {DEEPEST} levels deep.")
    return together(*_parts({name: value for name, value in asked.items() if value is not None}, depth))


def _parts(asked: Mapping[str, Any], depth: int) -> Iterator[Where]:
    def below(one: Mapping[str, Any]) -> Where:
        return tree(one, depth + 1) or Every(())

    for name, value in asked.items():
        if name in _JOINED:
            yield _JOINED[name]([below(one) for one in value] if name != "NOT" else [below(value)])
        elif name in ("text", "phrase"):
            yield Says(value, phrase=name == "phrase")
        else:
            yield from _compared(name, value)


_JOINED: Mapping[str, Callable[[list[Where]], Where]] = {
    "AND": lambda parts: together(*parts),
    "OR": lambda parts: Some(tuple(parts)),
    "NOT": lambda parts: Not(parts[0]),
}


def _compared(field: str, asked: Mapping[str, Any]) -> Iterator[Where]:
    for name, value in asked.items():
        if value is not None:
            values = tuple(str(getattr(one, "value", one)) for one in (value if name == "in_" else [value]))
            yield Is(field, _OPERATORS[name], values)


_OPERATORS = {
    "eq": Operator.EQ,
    "in_": Operator.EQ,
    "starts_with": Operator.STARTS_WITH,
    "contains": Operator.CONTAINS,
    "lt": Operator.LT,
    "lte": Operator.LTE,
    "gt": Operator.GT,
    "gte": Operator.GTE,
}
