"""What must hold of a product so that it is found? (One tree, whether typed or written on one line.)"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from catalog.text import traits
from engine.errors import SearchInvalid

MOST_CONDITIONS = 64
MOST_VALUES = 100
DEEPEST = 10


class Operator(StrEnum):
    """How a value of a product compares with the one that is asked for."""

    EQ = "eq"
    STARTS_WITH = "startsWith"
    CONTAINS = "contains"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"


ORDERED = (Operator.LT, Operator.LTE, Operator.GT, Operator.GTE)
#: fields that are read from the listing itself; all others are traits
OF_LISTING = {
    "fqn": "The fully qualified name of this major; compared as written, in any dialect.",
    "name": "The name or the display name.",
    "version": "The version that is shown, by SemVer precedence.",
    "updated": "When the version that is shown was accepted: a day in UTC, or a moment.",
}
#: fields that are read from what is found out about a product later
JUDGED = {
    "trust": "The trust score, from 0 to 1; a product without one is neither above nor below anything.",
    "grade": "The grade that the trust formula gives.",
    "compliance": "How it stands by the policies that hold now; one that was accepted and not judged since complies.",
}
FIELDS = {**OF_LISTING, **traits.FIELDS, **JUDGED}
#: fields whose values have an order
WITH_ORDER = ("version", "updated", "trust")


@dataclass(frozen=True, slots=True)
class Is:
    """The field of the product compares so with at least one of these values; with none of them nothing does."""

    field: str
    operator: Operator
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Says:
    """All words of the text are found in the product; as a phrase, one after the other in one of its texts."""

    text: str
    phrase: bool = False


@dataclass(frozen=True, slots=True)
class Every:
    """All of these hold; also when there are none."""

    of: tuple[Where, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of these holds."""

    of: tuple[Where, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """This does not hold."""

    of: Where


Where = Is | Says | Every | Some | Not
ANYTHING = Every(())


def together(*parts: Where | None) -> Where:
    """All of these; one that asks for nothing is left out."""
    asked = tuple(part for part in parts if part is not None and part != ANYTHING)
    return asked[0] if len(asked) == 1 else Every(asked)


def without(where: Where, field: str) -> Where:
    """The tree without what it demands of this field alone: what the values of a facet are counted over."""
    if isinstance(where, Every):
        return together(*(without(part, field) for part in where.of))
    return ANYTHING if set(fields(where)) == {field} else where


def fields(where: Where) -> Iterator[str]:
    """The field of every condition of the tree; "" for words."""
    for condition in conditions(where):
        yield condition.field if isinstance(condition, Is) else ""


def conditions(where: Where) -> Iterator[Is | Says]:
    """The leaves of the tree."""
    if isinstance(where, Is | Says):
        yield where
    elif isinstance(where, Not):
        yield from conditions(where.of)
    else:
        for part in where.of:
            yield from conditions(part)


def bounded(where: Where) -> Where:
    """The same tree; raises `SearchInvalid` for one that is too large."""
    if _depth(where) > DEEPEST:
        raise SearchInvalid(f"The filter is nested more than {DEEPEST} levels deep.")
    leaves = list(conditions(where))
    if len(leaves) > MOST_CONDITIONS:
        raise SearchInvalid(f"The filter has {len(leaves)} conditions; {MOST_CONDITIONS} are allowed.")
    if any(isinstance(leaf, Is) and len(leaf.values) > MOST_VALUES for leaf in leaves):
        raise SearchInvalid(f"A condition names more than {MOST_VALUES} values.")
    return where


def _depth(where: Where) -> int:
    if isinstance(where, Is | Says):
        return 1
    parts = (where.of,) if isinstance(where, Not) else where.of
    return 1 + max(map(_depth, parts), default=0)
