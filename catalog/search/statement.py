"""Which one statement finds, counts and orders the candidates of a query on each store?

Order (DESIGN §7): match tier (0 exact fqn, 1 exact name, 2 prefix, 3 text), field tier (0 names, 1 ports, 2 domain,
owner, tags, 3 descriptions), stored prior, fqn. At most `MOST` candidates are ranked, taken in prior order; exact
names are always among them.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    bindparam,
    case,
    cast,
    column,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    tuple_,
    union,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from catalog.products import LISTED, LISTING
from catalog.visible import visible
from engine.model import Principal

MOST = 10_000
TIERS = ("a", "ab", "abc")

_LIVE = LISTING.c.until_revision.is_(None)
_SORTED = (LISTING.c.number, LISTING.c.prior, LISTING.c.fqn, LISTING.c.name_key, LISTING.c.display_key)
_TEXT = table("search_text", column("rowid"), column("number"), column("tokens"))


def ranked(dialect: str, principal: Principal, *, browse: bool, resumed: bool) -> Select[Any]:
    """The page statement: columns of `Product`, then match tier, field tier, prior, and the count of candidates.

    Parameters: `fqn`, `key`, `count`; unless `browse`: `anywhere`, `prefix` and `tier_a`, `tier_ab`, `tier_abc`; if
    `resumed`: the sort keys `after_match`, `after_field`, `after_prior`, `after_fqn`.
    """
    found = _candidates(dialect, principal, browse)
    scored = _scored(dialect, found, browse)
    keys = (scored.c.match, scored.c.field, scored.c.prior, scored.c.fqn)
    page = select(scored).order_by(*keys).limit(bindparam("count"))
    if resumed:
        after: list[Any] = [bindparam(f"after_{name}") for name in ("match", "field", "prior", "fqn")]
        page = page.where(tuple_(*keys) > tuple_(*after))
    top = page.cte("top")
    total = select(func.count()).select_from(found).scalar_subquery()
    columns = (*LISTED, top.c.match, top.c.field, top.c.prior, total.label("total"))
    statement = select(*columns).join(top, top.c.number == LISTING.c.number)
    return statement.order_by(top.c.match, top.c.field, top.c.prior, top.c.fqn)


def _candidates(dialect: str, principal: Principal, browse: bool) -> CTE:
    allowed = (_LIVE, visible(principal, LISTING.c.domain))
    by_text = select(*_SORTED).where(*allowed).order_by(LISTING.c.prior, LISTING.c.fqn).limit(MOST + 1)
    if browse:
        return by_text.cte("found")
    by_text = by_text.join(_TEXT, _number(dialect) == LISTING.c.number).where(_matches(dialect, "anywhere"))
    capped = by_text.subquery("capped")
    by_name = select(*_SORTED).where(*allowed, _named(LISTING))
    return union(select(capped), by_name).cte("found")


def _scored(dialect: str, found: CTE, browse: bool) -> CTE:
    if browse:
        match: ColumnElement[int] = literal(3)
        field: ColumnElement[int] = literal(3)
    else:
        exact = or_(found.c.name_key == bindparam("key"), found.c.display_key == bindparam("key"))
        begun = _holds(dialect, found, "prefix")
        match = case((found.c.fqn == bindparam("fqn"), 0), (exact, 1), (begun, 2), else_=3)
        field = case(*((_holds(dialect, found, f"tier_{tiers}"), at) for at, tiers in enumerate(TIERS)), else_=3)
    columns = (found.c.number, found.c.prior, found.c.fqn)
    return select(match.label("match"), field.label("field"), *columns).cte("scored")


def _named(listing: Any) -> ColumnElement[bool]:
    names = (listing.c.name_key == bindparam("key"), listing.c.display_key == bindparam("key"))
    return or_(listing.c.fqn == bindparam("fqn"), *names)


def _number(dialect: str) -> ColumnElement[int]:
    return _TEXT.c.number if dialect == "postgresql" else _TEXT.c.rowid


def _matches(dialect: str, name: str) -> ColumnElement[bool]:
    if dialect == "postgresql":
        return _TEXT.c.tokens.op("@@", is_comparison=True)(cast(bindparam(name), TSQUERY))
    return literal_column("search_text").op("MATCH", is_comparison=True)(bindparam(name))


def _holds(dialect: str, found: CTE, name: str) -> ColumnElement[bool]:
    """The candidate matches this condition too; each store is asked in the way that is cheap there."""
    if dialect == "postgresql":
        return exists().where(_TEXT.c.number == found.c.number, _matches(dialect, name))
    return found.c.number.in_(select(_TEXT.c.rowid).where(_matches(dialect, name)))
