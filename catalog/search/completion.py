"""What may somebody be about to type: which names and values begin so, by kind?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    CompoundSelect,
    Integer,
    Select,
    bindparam,
    case,
    exists,
    literal,
    null,
    or_,
    select,
    union,
    union_all,
)

from catalog.database import Database
from catalog.products import LISTING
from catalog.search.conditions import HAVING, TRAIT, begins, more_than
from catalog.summary import look_up_key
from catalog.text.words import plain
from catalog.visible import visible
from engine.model import Principal

#: the kinds of completions, in the order in which they are told
KINDS = ("product", "port", "column", "domain", "owner", "tag", "platform")
MANY = 5000
"""Names that begin alike, of which more are not looked up one by one."""

_FIRST = bindparam("first", type_=Integer)
_LIVE = LISTING.c.until_revision.is_(None)


class Completion(NamedTuple):
    """One way to go on; `fqn` is that of a product, None for every other kind."""

    kind: str
    value: str
    fqn: str | None


class Completions:
    """Completes what somebody begins to type, from the current versions of all lines."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._statement = lru_cache(maxsize=256)(_statement)

    def complete(
        self, prefix: str, *, principal: Principal, kinds: Sequence[str] = KINDS, first: int = 10
    ) -> dict[str, list[Completion]]:
        """Up to `first` completions of each kind, in one statement; kinds without any are left out.

        Compared without case and accents; products stand in prior order, everything else in alphabetical order.
        """
        wanted = [kind for kind in KINDS if kind in kinds]
        if not wanted:
            return {}
        values = {"start": look_up_key(plain(prefix)), "first": first}
        with self._database.reading() as connection:
            rows = connection.execute(self._statement(tuple(wanted), principal), values).all()
        found: dict[str, list[Completion]] = {kind: [] for kind in wanted}
        for row in sorted(rows, key=lambda row: (row.prior, row.key, row.fqn or "")):
            found[row.kind].append(Completion(row.kind, row.value, row.fqn))
        return {kind: completions for kind, completions in found.items() if completions}


def _statement(kinds: Sequence[str], principal: Principal) -> CompoundSelect[Any]:
    """Parameters: `start` and `first`."""
    each = [one for kind in kinds for one in (_products if kind == "product" else _traits)(kind, principal)]
    return union_all(*(select(one.subquery()) for one in each))


def _products(kind: str, principal: Principal) -> Sequence[Select[Any]]:
    """Few are looked up by their names; among many the first in prior order are soon met. One of the two is empty."""
    columns = (LISTING.c.prior, LISTING.c.fqn.label("key"), LISTING.c.name.label("value"), LISTING.c.fqn)
    named = [begins(LISTING.c.name_key, "start"), begins(LISTING.c.display_key, "start")]
    alike = [select(LISTING.c.number).where(_LIVE, one, visible(principal, LISTING.c.domain)) for one in named]
    many = or_(*(more_than(MANY, one) for one in alike))
    found = select(literal(kind).label("kind"), *columns).order_by(LISTING.c.prior, LISTING.c.fqn)
    few = found.where(LISTING.c.number.in_(union(*alike)))
    met = found.where(_LIVE, or_(*named), visible(principal, LISTING.c.domain))
    return few.limit(case((many, 0), else_=_FIRST)), met.limit(case((many, _FIRST), else_=0))


def _traits(field: str, principal: Principal) -> Sequence[Select[Any]]:
    seen = exists().where(HAVING.c.trait_id == TRAIT.c.id, HAVING.c.number == LISTING.c.number)
    seen = seen.where(_LIVE, visible(principal, LISTING.c.domain))
    columns = (literal(0).label("prior"), TRAIT.c.key, TRAIT.c.value, null().label("fqn"))
    found = select(literal(field).label("kind"), *columns)
    return (
        found.where(TRAIT.c.field == field, begins(TRAIT.c.key, "start"), seen).order_by(TRAIT.c.key).limit(_FIRST),
    )
