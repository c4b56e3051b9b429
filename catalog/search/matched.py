"""Which listings does the full text index find, at most so many, and in which tiers are the words of each?

SQLite's index gives everything that matches, at a cost in proportion. How many these are is counted first, up to a
bound: few need no order, since all of them are candidates; of very many the first in stored order are looked for one by
one in the index of that order, which costs the same however many more match. PostgreSQL plans that by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    Boolean,
    ColumnElement,
    Select,
    bindparam,
    case,
    column,
    exists,
    func,
    literal_column,
    select,
    table,
    union_all,
)

from catalog.products import LISTING
from catalog.search.conditions import TEXT, found_in_text, text_matches, text_number

#: with more matches than these SQLite looks for the first ones in stored order, one by one
VERY_MANY = 150_000
STORED = table("search_text", column("rowid"), *map(column, "abcd")).alias("stored")
_STORED_ORDER = (LISTING.c.prior, LISTING.c.fqn)


@dataclass(frozen=True, slots=True)
class Matched:
    """What the parameter `anywhere` finds; `size` counts it up to a bound, on SQLite only.

    With `walks`, nothing else narrows what is found, so that walking in stored order finds enough soon.
    """

    dialect: str
    most: int
    walks: bool
    size: CTE | None

    @classmethod
    def of(cls, dialect: str, most: int, *, walks: bool) -> Matched:
        if dialect == "postgresql":
            return cls(dialect, most, False, None)
        bound = VERY_MANY if walks else most
        counted = select(literal_column("1")).select_from(TEXT).where(_anywhere(dialect)).limit(bound + 1).subquery()
        return cls(dialect, most, walks, select(func.count().label("n")).select_from(counted).cte())

    def first(self, told: Sequence[ColumnElement[Any]], allowed: Sequence[ColumnElement[bool]]) -> Any:
        """These columns of the first `most` and one more in stored order, of those that are allowed."""
        found = select(*told).where(*allowed).join(TEXT, text_number(self.dialect) == LISTING.c.number)
        found = found.where(_anywhere(self.dialect))
        if self.size is None:
            return found.order_by(*_STORED_ORDER).limit(self.most + 1)
        n, bound = self._n, self.most + 1
        few = found.limit(case((n <= self.most, -1), else_=0))
        ordered = found.order_by(*_STORED_ORDER)
        if not self.walks:
            return either(few, ordered.limit(case((n > self.most, bound), else_=0)))
        many = ordered.limit(case((n <= self.most, 0), (n <= VERY_MANY, bound), else_=0))
        walk = select(*told).where(*allowed, _in_stored(_told("words", 0, "abcd") | _told("words", 1, "a")))
        walk = walk.with_hint(LISTING, "INDEXED BY ix_listing_live_prior_fqn", "sqlite").order_by(*_STORED_ORDER)
        return either(few, many, walk.limit(case((n > VERY_MANY, bound), else_=0)))

    def holds(self, number: ColumnElement[Any], parameter: str, tiers: str, *, begins: bool) -> ColumnElement[bool]:
        """The listing with this number holds all words in these tiers, as the condition in the parameter asks too."""
        indexed = found_in_text(self.dialect, number, bindparam(parameter))
        if not self.walks:
            return indexed
        here = exists().where(STORED.c.rowid == number, _told("words", int(begins), tiers)).correlate_except(STORED)
        return case((self._n > VERY_MANY, here), else_=indexed)

    @property
    def _n(self) -> ColumnElement[int]:
        assert self.size is not None
        return select(self.size.c.n).scalar_subquery()


def _anywhere(dialect: str) -> ColumnElement[bool]:
    return text_matches(dialect, bindparam("anywhere"))


def either(*parts: Select[Any]) -> Any:
    """The rows of all parts, each of them with its own order and limit."""
    return parts[0] if len(parts) == 1 else union_all(*(select(part.subquery()) for part in parts))


def _told(parameter: str, begins: int, tiers: str) -> ColumnElement[bool]:
    return func.holds_words(
        bindparam(parameter), literal_column(str(begins)), *(STORED.c[one] for one in tiers), type_=Boolean
    )


def _in_stored(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(STORED.c.rowid == LISTING.c.number, condition).correlate_except(STORED)
