"""Which products match a query, best first?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from catalog import cursor
from catalog.database import Database
from catalog.search.query import DIALECTS, Query, analysed
from catalog.search.statement import MOST, TIERS, ranked
from catalog.shown import Page, Product
from catalog.summary import look_up_key
from engine.model import Principal

MATCHES = ("fqn", "name", "prefix", "text")
FIELDS = ("name", "port", "facet", "description")


class Hit(NamedTuple):
    """A product that matched: how well, and in which weightiest fields all words were found."""

    product: Product
    match_tier: int
    field_tier: int
    prior: int

    @property
    def match(self) -> str:
        return MATCHES[self.match_tier]

    @property
    def field(self) -> str:
        return FIELDS[self.field_tier]


@dataclass(frozen=True, slots=True)
class SearchPage(Page[Hit]):
    """One page of hits; `total` counts all of them, exactly unless `exact` is False (then there are more)."""

    total: int = 0
    exact: bool = True


class Search:
    """Full text search over the current versions of all lines."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._words = DIALECTS[database.dialect]
        self._statement = lru_cache(maxsize=256)(ranked)

    def page(self, query: str, *, principal: Principal, first: int = 20, after: str | None = None) -> SearchPage:
        """The hits for a text, best first, in one statement; an empty text lists everything.

        Any text is a safe query. Raises `CursorInvalid` for a cursor of another query.
        """
        asked = analysed(query)
        scope = f"search {asked.text}"
        keys = cursor.read(after, scope=scope, shape=(int, int, int, str)) if after else []
        if asked.text and not asked.words:
            return SearchPage((), False, scope, _keys)
        rows = self._rows(asked, principal, first, keys)
        items = tuple(_hit(row) for row in rows[:first])
        counted = rows or (self._rows(asked, principal, 0, []) if keys else [])
        total = counted[0].total if counted else 0
        return SearchPage(items, len(rows) > first, scope, _keys, total=min(total, MOST), exact=total <= MOST)

    def _rows(self, asked: Query, principal: Principal, first: int, keys: Sequence[Any]) -> Sequence[Any]:
        statement = self._statement(self._database.dialect, principal, browse=not asked.text, resumed=bool(keys))
        with self._database.reading() as connection:
            return connection.execute(statement, self._values(asked, first, keys)).all()

    def _values(self, asked: Query, first: int, keys: Sequence[Any]) -> dict[str, Any]:
        values: dict[str, Any] = {"count": first + 1}
        values |= dict(zip(("after_match", "after_field", "after_prior", "after_fqn"), keys, strict=False))
        if not asked.text:
            return values
        conditions = {f"tier_{tiers}": self._words.condition(asked.words, tiers) for tiers in TIERS}
        conditions |= {"anywhere": self._words.anywhere(asked.words)}
        conditions |= {"prefix": self._words.condition(asked.words, "a", begins=True)}
        return {**values, **conditions, "fqn": asked.text, "key": look_up_key(asked.text)}


def _hit(row: Any) -> Hit:
    width = len(Product._fields)
    return Hit(Product._make(row[:width]), *row[width : width + 3])


def _keys(hit: Hit) -> tuple[int, int, int, str]:
    return (hit.match_tier, hit.field_tier, hit.prior, hit.product.fqn)
