"""How does each condition of a filter read as SQL on the listing, alike on both stores?

Texts are compared by byte and position, never by LIKE, whose case differs between the stores.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
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

from catalog import precedence
from catalog.products import LISTING
from catalog.search.query import DIALECTS, MOST_WORDS
from catalog.search.where import ORDERED, Every, Is, Not, Operator, Says, Some, Where
from catalog.summary import look_up_key
from catalog.tables.row import table_of
from catalog.tables.search import ListingTextRow, ListingTraitRow, TraitRow
from catalog.text.words import plain, sequence, word_tokens
from engine.descriptor.identity import line_fqn, parse_fqn
from engine.descriptor.versions import is_semver
from engine.errors import SearchInvalid

TRAIT, HAVING, PHRASES = table_of(TraitRow), table_of(ListingTraitRow), table_of(ListingTextRow)
TEXT = table("search_text", column("rowid"), column("number"), column("tokens"))
#: no text that starts with another comes after that other one followed by this
_LAST = "\U0010ffff"


def holds(where: Where, dialect: str) -> ColumnElement[bool]:
    """The condition on a row of `listing`; raises `SearchInvalid` for a value that cannot be compared."""
    if isinstance(where, Not):
        return not_(holds(where.of, dialect))
    if isinstance(where, Every):
        return and_(true(), *(holds(part, dialect) for part in where.of))
    if isinstance(where, Some):
        return or_(false(), *(holds(part, dialect) for part in where.of))
    return _says(where, dialect) if isinstance(where, Says) else _is(where, dialect)


def text_matches(dialect: str, condition: Any) -> ColumnElement[bool]:
    """The full text index finds this condition of its own language in a row of `search_text`."""
    if dialect == "postgresql":
        return TEXT.c.tokens.op("@@", is_comparison=True)(cast(condition, TSQUERY))
    return literal_column("search_text").op("MATCH", is_comparison=True)(condition)


def text_number(dialect: str) -> ColumnElement[int]:
    """The listing that a row of `search_text` stands for."""
    return TEXT.c.number if dialect == "postgresql" else TEXT.c.rowid


def found_in_text(dialect: str, number: ColumnElement[Any], condition: Any) -> ColumnElement[bool]:
    """The listing with this number is found; each store is asked in the way that is cheap there."""
    if dialect == "postgresql":
        return exists().where(TEXT.c.number == number, text_matches(dialect, condition)).correlate_except(TEXT)
    return number.in_(select(TEXT.c.rowid).where(text_matches(dialect, condition)).correlate_except(TEXT))


def begins(of: ColumnElement[str], start: str) -> ColumnElement[bool]:
    """The text begins so; an index on it is of use."""
    return and_(of >= start, of < start + _LAST)


def contains(dialect: str, of: ColumnElement[str], piece: Any) -> ColumnElement[bool]:
    """The piece stands somewhere in the text."""
    found = func.strpos(of, piece) if dialect == "postgresql" else func.instr(of, piece)
    return found > 0


def _says(where: Says, dialect: str) -> ColumnElement[bool]:
    words = list(word_tokens(plain(where.text)))[:MOST_WORDS]
    if not words:
        return false()
    condition: ColumnElement[str] = bindparam(None, DIALECTS[dialect].condition(words))
    found = found_in_text(dialect, LISTING.c.number, condition)
    if not where.phrase:
        return found
    piece = f" {' '.join(sequence(plain(where.text))[: 2 * MOST_WORDS])} "
    said = exists().where(PHRASES.c.number == LISTING.c.number, contains(dialect, PHRASES.c.phrases, piece))
    return and_(found, said)


def _is(where: Is, dialect: str) -> ColumnElement[bool]:
    if not where.values:
        return false()
    if where.field == "version":
        return or_(*(_of_version(where.operator, value) for value in where.values))
    if where.operator in ORDERED:
        raise SearchInvalid(f"{where.field} has no order: {where.operator} cannot be asked of it.")
    if where.field == "fqn":
        return or_(*(_of_fqn(where.operator, plain(value), dialect) for value in where.values))
    keys = [look_up_key(plain(value)) for value in where.values]
    if where.field == "name":
        return or_(
            *(_compared(of, where.operator, keys, dialect) for of in (LISTING.c.name_key, LISTING.c.display_key))
        )
    ids = select(TRAIT.c.id).where(TRAIT.c.field == where.field, _compared(TRAIT.c.key, where.operator, keys, dialect))
    mine = (HAVING.c.number == LISTING.c.number, HAVING.c.field == where.field)
    return exists().where(*mine, HAVING.c.trait_id.in_(ids))


def _compared(of: ColumnElement[str], operator: Operator, values: list[str], dialect: str) -> ColumnElement[bool]:
    if operator is Operator.EQ:
        return of.in_(values)
    if operator is Operator.STARTS_WITH:
        return or_(*(begins(of, value) for value in values))
    return or_(*(contains(dialect, of, value) for value in values))


def _of_fqn(operator: Operator, value: str, dialect: str) -> ColumnElement[bool]:
    """An fqn is compared as it is written: its case means something. One without a major means every major."""
    parsed = parse_fqn(value) if operator is Operator.EQ else None
    if parsed is None:
        return _compared(LISTING.c.fqn, operator, [value], dialect)
    if parsed.major is None:
        return LISTING.c.product_fqn == f"urn:dpds:{parsed.namespace}:dataproducts:{parsed.name}"
    return LISTING.c.fqn == line_fqn(parsed.namespace, parsed.name, parsed.major)


def _of_version(operator: Operator, value: str) -> ColumnElement[bool]:
    if not is_semver(value):
        raise SearchInvalid(f"{value!r} is no version by SemVer, such as 1.4.0.")
    key, mine = precedence.key(value), LISTING.c.precedence
    compared = {
        Operator.EQ: mine == key,
        Operator.LT: mine < key,
        Operator.LTE: mine <= key,
        Operator.GT: mine > key,
        Operator.GTE: mine >= key,
    }
    if operator not in compared:
        raise SearchInvalid(f"version is compared by its order: {operator} cannot be asked of it.")
    return compared[operator]
