"""How does each condition of a filter read as SQL on the listing, alike on both stores?

Texts are compared by byte and position, never by LIKE, whose case differs between the stores.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    cast,
    column,
    exists,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    table,
    true,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from catalog.products import LISTING
from catalog.search.judged import FOUND_OUT
from catalog.search.shape import Comparison, Joined, Shape
from catalog.search.where import Operator
from catalog.tables.row import table_of
from catalog.tables.search import ListingTextRow, ListingTraitRow, TraitRow
from catalog.text import traits
from engine.model import Principal

MOST_WAYS = 3
"""Traits with which a search may begin: the statement holds all conditions once for each."""

Choice = tuple[Comparison, ...]
"""Comparisons of which one has to hold."""

TRAIT, HAVING, PHRASES = table_of(TraitRow), table_of(ListingTraitRow), table_of(ListingTextRow)
TEXT = table("search_text", column("rowid"), column("number"), column("tokens"))
#: no text that starts with another comes after that other one followed by this
_LAST = "\U0010ffff"
_COMPARED = ("fqn", "product_fqn", "name_key", "display_key", "precedence", "accepted_at")
_OF_LISTING = {name: LISTING.c[name] for name in _COMPARED}


def holds(shape: Shape, dialect: str, principal: Principal, *, first: Choice = ()) -> ColumnElement[bool]:
    """The condition on a row of `listing`, with the parameters that the shape names.

    Each row is asked for its traits; for those that come `first`, PostgreSQL may begin with all rows that have them.
    """
    if isinstance(shape, Comparison):
        return _compares(shape, dialect, principal, first)
    parts = [holds(part, dialect, principal, first=first) for part in shape.parts]
    if shape.by == "not":
        return not_(*parts)
    return and_(true(), *parts) if shape.by == "and" else or_(false(), *parts)


def ways(shape: Shape, dialect: str, most: int) -> list[tuple[tuple[ColumnElement[bool], ...], Choice]]:
    """The ways to find rows, each with the conditions under which it is taken (exactly one is), and what comes first.

    PostgreSQL takes the rows that have a trait for a handful, whichever it is: it would begin with hundreds of
    thousands, or compare every row with each of them. So it is told to begin with a trait that at most so many have, if
    one of the first that the shape demands is so rare, and to ask each row for the others. SQLite never begins with
    traits.
    """
    found: list[tuple[tuple[ColumnElement[bool], ...], Choice]] = []
    common: list[ColumnElement[bool]] = []
    for choice in islice(_demanded(shape), MOST_WAYS if dialect == "postgresql" else 0):
        any_of = or_(*(HAVING.c.trait_id.in_(_traits(one, dialect)) for one in choice))
        many = more_than(most, select(HAVING.c.number).where(any_of))
        found.append(((*common, not_(many)), choice))
        common.append(many)
    return [*found, (tuple(common), ())]


def _demanded(shape: Shape) -> Iterator[Choice]:
    """The traits of which every row has one, for each such demand."""
    if isinstance(shape, Joined) and shape.by == "and":
        for part in shape.parts:
            yield from _demanded(part)
        return
    choice = shape.parts if isinstance(shape, Joined) and shape.by == "or" else (shape,)
    had = tuple(one for one in choice if isinstance(one, Comparison) and one.of in traits.FIELDS)
    if had and had == choice:
        yield had


def more_than(most: int, found: Select[Any]) -> ColumnElement[bool]:
    """So many rows and one more are found; no further one is looked for."""
    return found.offset(most).limit(1).exists()


def row_by_row(found: Select[Any]) -> Select[Any]:
    """A sub-query that PostgreSQL runs for each row: one with an offset it does not take apart."""
    return found.offset(0)


def text_matches(dialect: str, condition: Any, tokens: ColumnElement[Any] = TEXT.c.tokens) -> ColumnElement[bool]:
    """The full text index finds this condition of its own language in a row of `search_text`, whose `tokens` these are.

    (SQLite asks the row itself.)
    """
    if dialect == "postgresql":
        return tokens.op("@@", is_comparison=True)(cast(condition, TSQUERY))
    return literal_column("search_text").op("MATCH", is_comparison=True)(condition)


def text_number(dialect: str) -> ColumnElement[int]:
    """The listing that a row of `search_text` stands for."""
    return TEXT.c.number if dialect == "postgresql" else TEXT.c.rowid


def found_in_text(dialect: str, number: ColumnElement[Any], condition: Any) -> ColumnElement[bool]:
    """The listing with this number is found; each store is asked in the way that is cheap there."""
    if dialect == "postgresql":
        return exists().where(TEXT.c.number == number, text_matches(dialect, condition)).correlate_except(TEXT)
    return number.in_(select(TEXT.c.rowid).where(text_matches(dialect, condition)).correlate_except(TEXT))


def begins(of: ColumnElement[str], parameter: str) -> ColumnElement[bool]:
    """The text begins as the parameter says; an index on it is of use."""
    start: ColumnElement[str] = bindparam(parameter, type_=of.type)
    return and_(of >= start, of < start.concat(_LAST))


def contains(dialect: str, of: ColumnElement[str], parameter: str) -> ColumnElement[bool]:
    """The parameter stands somewhere in the text."""
    piece: ColumnElement[str] = bindparam(parameter, type_=of.type)
    found = func.strpos(of, piece) if dialect == "postgresql" else func.instr(of, piece)
    return found > 0


def _compares(one: Comparison, dialect: str, principal: Principal, first: Choice) -> ColumnElement[bool]:
    if one.of == "words":
        return found_in_text(dialect, LISTING.c.number, bindparam(one.parameter))
    if one.of == "phrase":
        said = contains(dialect, PHRASES.c.phrases, one.parameter)
        return exists().where(PHRASES.c.number == LISTING.c.number, said)
    if one.of in _OF_LISTING:
        return compared(_OF_LISTING[one.of], one, dialect)
    if one.of in FOUND_OUT:
        # never unknown, so that NOT turns it around: what has no such row does not compare so
        return func.coalesce(compared(FOUND_OUT[one.of](dialect, principal), one, dialect), false())
    mine = (HAVING.c.number == LISTING.c.number, HAVING.c.field == one.of)
    had = select(HAVING.c.number).where(*mine, HAVING.c.trait_id.in_(_traits(one, dialect))).correlate(LISTING)
    return (had if one in first or dialect != "postgresql" else row_by_row(had)).exists()


def _traits(one: Comparison, dialect: str) -> Select[Any]:
    return select(TRAIT.c.id).where(TRAIT.c.field == one.of, compared(TRAIT.c.key, one, dialect))


def compared(of: ColumnElement[Any], one: Comparison, dialect: str) -> ColumnElement[bool]:
    """The value compares with the parameter as the comparison says."""
    asked: ColumnElement[Any] = bindparam(one.parameter, type_=of.type, expanding=one.operator is Operator.EQ)
    match one.operator:
        case Operator.EQ:
            return of.in_(asked)
        case Operator.STARTS_WITH:
            return begins(of, one.parameter)
        case Operator.CONTAINS:
            return contains(dialect, of, one.parameter)
        case Operator.LT:
            return of < asked
        case Operator.LTE:
            return of <= asked
        case Operator.GT:
            return of > asked
        case Operator.GTE:
            return of >= asked
