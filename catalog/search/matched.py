"""Which listings does the full text index find, at most so many, and in which tiers are the words of each?

An index of text gives everything that matches, at a cost in proportion. Of very many matches the first in stored order
are rather looked for one by one in the index of that order, which costs the same however many more match. What tells
whether there are so many is another thing on each store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import (
    CTE,
    Boolean,
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    case,
    column,
    exists,
    func,
    literal_column,
    not_,
    select,
    table,
    true,
    union_all,
)

from catalog.products import LISTING
from catalog.search.conditions import TEXT, found_in_text, row_by_row, text_matches, text_number

#: with more matches than these SQLite looks for the first ones in stored order, one by one
VERY_MANY = 150_000
#: from so many listings PostgreSQL concludes how many match
FOREMOST = 100
STORED = table("search_text", column("rowid"), *map(column, "abcd")).alias("stored")
_TABLES = table("pg_class", column("oid"), column("reltuples"))
_STORED_ORDER = (LISTING.c.prior, LISTING.c.fqn)


class Matched(Protocol):
    """What the parameter `anywhere` finds on one store."""

    def first(self, told: Sequence[ColumnElement[Any]], allowed: Sequence[ColumnElement[bool]]) -> Any:
        """These columns of the first `most` and one more in stored order, of those that are allowed."""

    def beside(self, found: CTE) -> FromClause:
        """What was found, with what `holds` needs to know of it."""

    def holds(self, found: CTE, parameter: str, tiers: str, *, begins: bool) -> ColumnElement[bool]:
        """What was found holds all words in these tiers, as the condition in the parameter asks too."""


def matched(dialect: str, most: int, *, walks: bool) -> Matched:
    """How that is found. With `walks`, nothing else narrows it, so that walking in stored order finds enough soon."""
    if dialect == "postgresql":
        return _OnPostgresql(most, _concluded(most) if walks else None)
    return _OnSqlite(most, walks, _counted(VERY_MANY if walks else most))


def either(*parts: Select[Any]) -> Any:
    """The rows of all parts, each of them with its own order and limit."""
    return parts[0] if len(parts) == 1 else union_all(*(select(part.subquery()) for part in parts))


@dataclass(frozen=True, slots=True)
class _OnSqlite:
    """Matches are counted first, up to a bound; few of them need no order, since all of them are candidates."""

    most: int
    walks: bool
    seen: CTE

    def first(self, told: Sequence[ColumnElement[Any]], allowed: Sequence[ColumnElement[bool]]) -> Any:
        n, bound = _of(self.seen, "n"), self.most + 1
        found = _indexed("sqlite", told, allowed)
        few = found.limit(case((n <= self.most, -1), else_=0))
        some = and_(n > self.most, n <= VERY_MANY)
        ways = [few, found.order_by(*_STORED_ORDER).limit(case((some, bound), else_=0))]
        if self.walks:
            here = _in_stored(LISTING.c.number, _told(0, "abcd") | _told(1, "a"))
            walk = select(*told).where(*allowed, here).order_by(*_STORED_ORDER)
            walk = walk.with_hint(LISTING, "INDEXED BY ix_listing_live_prior_fqn", "sqlite")
            ways.append(walk.limit(case((n > VERY_MANY, bound), else_=0)))
        return either(*ways)

    def beside(self, found: CTE) -> FromClause:
        return found

    def holds(self, found: CTE, parameter: str, tiers: str, *, begins: bool) -> ColumnElement[bool]:
        indexed = found_in_text("sqlite", found.c.number, bindparam(parameter))
        if not self.walks:
            return indexed
        here = _in_stored(found.c.number, _told(int(begins), tiers))
        return case((_of(self.seen, "n") > VERY_MANY, here), else_=indexed)


@dataclass(frozen=True, slots=True)
class _OnPostgresql:
    """To count matches their rows would have to be fetched, so how many there are is concluded from a few listings.

    The planner keeps one plan for all words, for which every word is a rare one. So it is told where to walk, and to
    fetch the text of what was found row by row.
    """

    most: int
    seen: CTE | None

    def first(self, told: Sequence[ColumnElement[Any]], allowed: Sequence[ColumnElement[bool]]) -> Any:
        ordered = _indexed("postgresql", told, allowed).order_by(*_STORED_ORDER).limit(self.most + 1)
        if self.seen is None:
            return ordered
        very_many = _of(self.seen, "very_many")
        walk = select(*told).where(*allowed, _looked_at(LISTING.c.number), very_many).order_by(*_STORED_ORDER)
        return either(ordered.where(not_(very_many)), walk.limit(self.most + 1))

    def beside(self, found: CTE) -> FromClause:
        text_of = row_by_row(select(TEXT.c.tokens).where(TEXT.c.number == found.c.number))
        return found.outerjoin(text_of.lateral("text_of"), true())

    def holds(self, found: CTE, parameter: str, tiers: str, *, begins: bool) -> ColumnElement[bool]:
        return text_matches("postgresql", bindparam(parameter), literal_column("text_of.tokens"))


def _indexed(dialect: str, told: Sequence[ColumnElement[Any]], allowed: Sequence[ColumnElement[bool]]) -> Select[Any]:
    found = select(*told).where(*allowed).join(TEXT, text_number(dialect) == LISTING.c.number)
    return found.where(text_matches(dialect, bindparam("anywhere")))


def _of(seen: CTE, name: str) -> ColumnElement[Any]:
    return select(seen.c[name]).scalar_subquery()


def _counted(bound: int) -> CTE:
    """The matches in the index of SQLite, counted up to one more than so many."""
    every: Select[Any] = (
        select(literal_column("1")).select_from(TEXT).where(text_matches("sqlite", bindparam("anywhere")))
    )
    return select(func.count().label("n")).select_from(every.limit(bound + 1).subquery()).cte()


def _concluded(most: int) -> CTE:
    """Whether in PostgreSQL so many match that walking meets `most` of them before the index has given all.

    If a share of all N listings match, walking looks at most / share of them, and the index gives share * N. N is what
    PostgreSQL noted of the texts when it last looked through them; where that is no more than `most`, or nothing yet,
    no listing is looked at.
    """
    texts = _TABLES.c.oid == func.to_regclass(TEXT.name)
    noted = select(_TABLES.c.reltuples).where(texts).scalar_subquery()
    live = select(LISTING.c.number).where(LISTING.c.until_revision.is_(None), noted > most)
    foremost = live.order_by(*_STORED_ORDER).limit(FOREMOST).subquery("foremost")
    each = select(literal_column("1")).select_from(foremost).where(_looked_at(foremost.c.number)).subquery()
    n = func.count()
    return select((n * n * noted > most * FOREMOST**2).label("very_many")).select_from(each).cte()


def _looked_at(number: ColumnElement[Any]) -> ColumnElement[bool]:
    """On PostgreSQL the text of this listing is asked by itself."""
    asked = text_matches("postgresql", bindparam("anywhere"))
    return row_by_row(select(TEXT.c.number).where(TEXT.c.number == number, asked).correlate_except(TEXT)).exists()


def _in_stored(number: ColumnElement[Any], condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """On SQLite the text of this listing is asked by itself."""
    return exists().where(STORED.c.rowid == number, condition).correlate_except(STORED)


def _told(begins: int, tiers: str) -> ColumnElement[bool]:
    return func.holds_words(
        bindparam("words"), literal_column(str(begins)), *(STORED.c[one] for one in tiers), type_=Boolean
    )
