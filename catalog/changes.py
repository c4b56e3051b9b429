"""What happened after a given change, in the one order of the catalog?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, or_, select

from catalog.database import Database
from catalog.shown import Change
from catalog.tables.order import ChangeRow, HeadRow
from catalog.tables.row import table_of
from catalog.visible import told_to, visible
from engine.model import Principal

CHANGE, HEAD = table_of(ChangeRow), table_of(HeadRow)
ANY = ".*"
AT_ONCE = 10_000
"""How many changes one filtered read looks at."""

_COLUMNS = tuple(CHANGE.c["from_revision" if name == "revision" else name] for name in Change._fields)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes somebody wants: OR within each list, AND between them; an empty list wants all.

    Kinds are whole (`version.accepted`) or end in `.*`; products are the fqn of a line, or without major of a product.
    """

    kinds: Sequence[str] = ()
    domains: Sequence[str] = ()
    products: Sequence[str] = ()


class Stretch(NamedTuple):
    """Some changes, oldest first; none that was wanted is missing up to the cursor `reached`.

    `more` says whether there was anything after it: a stretch may be short or empty and yet have more behind it.
    """

    changes: tuple[Change, ...]
    reached: int
    more: bool


class Changes:
    """Reads of the feed. Cursors rise by one in commit order, so a reader that starts after its last cursor misses
    nothing; only what is hidden from the reader leaves a gap."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._statement = lru_cache(maxsize=128)(_statement)

    def after(self, cursor: int = 0, *, principal: Principal, limit: int = 100) -> tuple[Change, ...]:
        """Up to `limit` changes that follow this cursor (0: from the start), oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(self._statement(principal), {"after": cursor, "count": limit}).all()
        return tuple(map(Change._make, rows))

    def wanted(self, wanted: Wanted, cursor: int, *, principal: Principal, limit: int = 100) -> Stretch:
        """Up to `limit` of the wanted changes that follow this cursor, out of the next `AT_ONCE` of all.

        A rare kind in a long feed thus takes several reads, each of them short, and never one that is long.
        """
        statement = self._statement(principal).where(*_conditions(wanted))
        with self._database.reading() as connection:
            # The head comes first: what is committed between the two reads is found the next time.
            head = last_on(connection)
            until = min(head, cursor + AT_ONCE)
            bounded = statement.where(CHANGE.c.cursor <= until)
            rows = connection.execute(bounded, {"after": cursor, "count": limit}).all()
        found = tuple(map(Change._make, rows))
        reached = found[-1].cursor if len(found) == limit else max(until, cursor)
        return Stretch(found, reached, reached < head)

    def last(self) -> int:
        """The cursor of the last change, whoever may see it; 0 before the first."""
        with self._database.reading() as connection:
            return last_on(connection)


def last_on(connection: Connection) -> int:
    """The cursor of the last change."""
    return int(connection.execute(select(HEAD.c.cursor)).scalar_one())


def _statement(principal: Principal) -> Select[Any]:
    statement = select(*_COLUMNS).where(CHANGE.c.cursor > bindparam("after"))
    seen = (visible(principal, CHANGE.c.domain), told_to(principal, CHANGE.c.kind, CHANGE.c.principal))
    return statement.where(*seen).order_by(CHANGE.c.cursor).limit(bindparam("count"))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    kinds = [_begins(CHANGE.c.kind, one[:-1]) if one.endswith(ANY) else CHANGE.c.kind == one for one in wanted.kinds]
    domains = [CHANGE.c.domain == one for one in wanted.domains]
    products = [or_(CHANGE.c.subject == one, _begins(CHANGE.c.subject, f"{one}:")) for one in wanted.products]
    return [or_(*some) for some in (kinds, domains, products) if some]


def _begins(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Byte by byte on both stores, where LIKE has wildcards and folds case on one of them."""
    return func.substr(column, 1, len(text)) == text
