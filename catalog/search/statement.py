"""Which one statement finds, counts and orders the candidates of a query on each store?

Order (DESIGN §7): match tier (0 exact fqn, 1 exact name, 2 prefix, 3 text), field tier (0 names, 1 ports and columns,
2 domain, owner, tags, 3 descriptions), stored prior, fqn. At most `MOST` candidates are ranked, taken in prior order;
exact names are always among them. Who asks for another order gets this one among equals.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, bindparam, case, func, literal, or_, select, tuple_, union

from catalog.products import LISTED, LISTING
from catalog.search.conditions import Choice, holds, ways
from catalog.search.judged import trust
from catalog.search.matched import Matched, either, matched
from catalog.search.query import DIALECTS, Query
from catalog.search.shape import ANY, Shape
from catalog.summary import look_up_key
from catalog.text.told import spec
from catalog.visible import visible
from engine.model import Principal

MOST = 10_000
TIERS = ("a", "ab", "abc")
BEST_FIRST = ("match", "field", "prior", "fqn")

_LIVE = LISTING.c.until_revision.is_(None)
#: what a text can name exactly, and the parameter that it is compared with
_NAMES = ((LISTING.c.fqn, "fqn"), (LISTING.c.name_key, "key"), (LISTING.c.display_key, "key"))
_SORTED = (LISTING.c.number, LISTING.c.prior, LISTING.c.fqn, LISTING.c.name_key, LISTING.c.display_key)


class Order(StrEnum):
    """Which of the hits come first."""

    BEST = "best"
    TRUST = "trust"

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns by which it sorts, ascending."""
        return BEST_FIRST if self is Order.BEST else ("rank", *BEST_FIRST)


def ranked(
    dialect: str,
    principal: Principal,
    *,
    browse: bool,
    resumed: bool,
    where: Shape = ANY,
    order: Order = Order.BEST,
) -> Select[Any]:
    """The page statement: columns of `Product`, then match tier, field tier, prior, the count of candidates, and where
    the order has one the key that stands before these.

    Parameters: `count`, those of `values`, and if `resumed` the sort keys, each with `after_` before its name.
    """
    told = _SORTED if order is Order.BEST else (*_SORTED, LISTING.c.line_id)
    worded = by_words(dialect, browse=browse, where=where)
    found = candidates(dialect, principal, where=where, told=told, worded=worded).cte("found")
    scored = _scored(found, worded, _rank(order, dialect, principal, found))
    keys = [scored.c[name] for name in order.keys]
    page = select(scored).order_by(*keys).limit(bindparam("count"))
    if resumed:
        after: list[Any] = [bindparam(f"after_{key.name}", type_=key.type) for key in keys]
        page = page.where(tuple_(*keys) > tuple_(*after))
    top = page.cte("top")
    total = select(func.count()).select_from(found).scalar_subquery()
    columns = (*LISTED, top.c.match, top.c.field, top.c.prior, total.label("total"), *top.c[order.keys[:-4]])
    statement = select(*columns).join(top, top.c.number == LISTING.c.number)
    return statement.order_by(*(top.c[name] for name in order.keys))


def _rank(order: Order, dialect: str, principal: Principal, found: CTE) -> list[ColumnElement[Any]]:
    """The key that an order has before the others: less is first, and what is not known last."""
    if order is Order.BEST:
        return []
    return [(-func.coalesce(trust(dialect, principal, found.c.line_id), -1.0)).label("rank")]


def values(asked: Query, dialect: str) -> dict[str, Any]:
    """The parameters by which the words of a query reach its statements; none where it has no words."""
    if asked.lists_all:
        return {}
    words = DIALECTS[dialect]
    told = {f"tier_{tiers}": words.condition(asked.words, tiers) for tiers in TIERS}
    told |= {"anywhere": words.anywhere(asked.words), "prefix": words.condition(asked.words, "a", begins=True)}
    told |= {"words": spec(asked.words)} if dialect == "sqlite" else {}
    return {**told, "fqn": asked.text, "key": look_up_key(asked.text)}


def candidates(
    dialect: str,
    principal: Principal,
    *,
    where: Shape,
    told: Sequence[ColumnElement[Any]],
    worded: Matched | None,
) -> Any:
    """These columns of what matches, the number among them: at most `MOST` and one more in prior order, and whatever
    is named exactly. Without words, `worded` is None.
    """
    each = [[*taken, *_allowed(dialect, principal, where, first)] for taken, first in ways(where, dialect, MOST)]
    if worded is None:
        browsed = select(*told).order_by(LISTING.c.prior, LISTING.c.fqn).limit(MOST + 1)
        return either(*(browsed.where(*allowed) for allowed in each))
    capped = either(*(worded.first(told, allowed) for allowed in each))
    # one look-up for each name: with OR between them SQLite would read every listing
    named = select(*told).where(*_allowed(dialect, principal, where))
    by_name = (named.where(name == bindparam(parameter)) for name, parameter in _NAMES)
    return union(select(capped.subquery("capped")), *by_name)


def _allowed(dialect: str, principal: Principal, where: Shape, first: Choice = ()) -> list[ColumnElement[bool]]:
    filtered = [] if where == ANY else [holds(where, dialect, principal, first=first)]
    return [_LIVE, visible(principal, LISTING.c.domain), *filtered]


def by_words(dialect: str, *, browse: bool, where: Shape) -> Matched | None:
    """What the words of a query find; None where it has none."""
    return None if browse else matched(dialect, MOST, walks=where == ANY)


def _scored(found: CTE, worded: Matched | None, rank: Sequence[ColumnElement[Any]]) -> CTE:
    if worded is None:
        match: ColumnElement[int] = literal(3)
        field: ColumnElement[int] = literal(3)
    else:
        exact = or_(found.c.name_key == bindparam("key"), found.c.display_key == bindparam("key"))
        begun = worded.holds(found, "prefix", "a", begins=True)
        match = case((found.c.fqn == bindparam("fqn"), 0), (exact, 1), (begun, 2), else_=3)
        tiers = [worded.holds(found, f"tier_{name}", name, begins=False) for name in TIERS]
        field = case(*((tier, at) for at, tier in enumerate(tiers)), else_=3)
    columns = (found.c.number, found.c.prior, found.c.fqn)
    scored = select(match.label("match"), field.label("field"), *columns, *rank)
    return scored.select_from(found if worded is None else worded.beside(found)).cte("scored")
