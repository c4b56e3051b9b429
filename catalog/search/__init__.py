"""Which products match a query, best first, and why?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from catalog import cursor
from catalog.database import Database
from catalog.products import Products
from catalog.search import evidence, facets, spelling, statement
from catalog.search.evidence import Match
from catalog.search.facets import COUNTED, Facet
from catalog.search.hints import Hint
from catalog.search.query import Query, analysed
from catalog.search.shape import Shaping
from catalog.search.statement import Order, ranked
from catalog.search.where import Where
from catalog.shown import Page, Product
from engine.model import Principal

MATCHES = ("fqn", "name", "prefix", "text")
FIELDS = ("name", "port", "facet", "description")


class Hit(NamedTuple):
    """A product that matched: how well, and in which weightiest fields all words were found."""

    product: Product
    match_tier: int
    field_tier: int
    prior: int
    #: what an order other than the best first sorts by before all else
    rank: float = 0.0

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
    """Full text search over the current versions of all lines.

    Every question takes a line as people type it (`catalog.search.oneline`) and perhaps a typed filter beside it. Any
    line is a safe query; `SearchInvalid` is raised for a typed filter that cannot be read or is too large.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._dialect = database.dialect
        self._ranked = lru_cache(maxsize=256)(ranked)
        self._counted = lru_cache(maxsize=256)(facets.strung)
        self._columns_said = lru_cache(maxsize=256)(evidence.columns_said)

    def page(
        self,
        line: str,
        *,
        principal: Principal,
        where: Where | None = None,
        order: Order = Order.BEST,
        first: int = 20,
        after: str | None = None,
    ) -> SearchPage:
        """The hits in this order, in one statement; an empty line lists everything.

        Raises `CursorInvalid` for a cursor of another query or order.
        """
        asked = analysed(line, where)
        scope, listing = asked.scope + _SCOPES[order], _KEYS[order]
        keys = cursor.read(after, scope=scope, shape=_SHAPES[order]) if after else []
        if asked.finds_nothing:
            return SearchPage((), False, scope, listing)
        rows = self._rows(asked, principal, order, first, keys)
        items = tuple(_hit(row) for row in rows[:first])
        counted = rows or (self._rows(asked, principal, order, 0, []) if keys else [])
        total = counted[0].total if counted else 0
        most = statement.MOST
        return SearchPage(items, len(rows) > first, scope, listing, total=min(total, most), exact=total <= most)

    def hints(self, line: str) -> tuple[Hint, ...]:
        """Which terms of a line were read as words though they look like filters; no statement."""
        return analysed(line).hints

    def facets(
        self,
        line: str,
        *,
        principal: Principal,
        where: Where | None = None,
        fields: Sequence[str] = COUNTED,
        top: int = 10,
    ) -> tuple[Facet, ...]:
        """The commonest values of these fields among all hits, in two statements."""
        asked = analysed(line, where)
        if asked.finds_nothing or not fields:
            return tuple(Facet(field, (), 0, 0, True) for field in fields)
        shaping = Shaping(self._dialect)
        groups = facets.grouped(shaping, asked.where, fields)
        counted = self._counted(self._dialect, principal, browse=asked.lists_all, groups=groups)
        given = {**shaping.values, **statement.values(asked, self._dialect)}
        with self._database.reading() as connection:
            tallies = facets.tallied(connection.execute(counted, given), groups, top)
            numbers = facets.wanted(tallies)
            texts = connection.execute(facets.named(self._dialect), {"numbers": numbers}).all() if numbers else ()
        return facets.facets(tallies, texts, fields, top, statement.MOST)

    def corrections(self, line: str, *, principal: Principal, where: Where | None = None) -> tuple[str, ...]:
        """Other lines for one that finds nothing, best first, each of which finds something; two statements."""
        asked = analysed(line, where)
        if not 0 < len(asked.words) <= spelling.MOST_WORDS:
            return ()
        tried = spelling.proposals(asked.words, self._read(spelling.alike(asked.words), {}))
        if not tried:
            return ()
        shaping = Shaping(self._dialect)
        shape = shaping.shape(asked.where)
        found = self._read(spelling.found(self._dialect, principal, shape, tried), shaping.values)
        texts = [tried[at].text for at in sorted(row.at for row in found)[: spelling.MOST_PROPOSED]]
        return tuple(f"{text} {asked.filters}".rstrip() for text in texts)

    def matches(
        self, line: str, products: Sequence[Product], *, principal: Principal, where: Where | None = None
    ) -> Mapping[str, tuple[Match, ...]]:
        """Why each of these hits matched, by the id of its version; two statements."""
        asked = analysed(line, where)
        versions = [product.version_id for product in products]
        if not versions or not asked.words:
            return {}
        ports = Products(self._database).ports_of(versions, principal=principal)
        columns: dict[str, list[Any]] = {}
        said = evidence.said(asked)
        reading = self._columns_said(self._dialect, principal, len(said))
        for row in self._read(reading, {"versions": versions, **said}):
            columns.setdefault(row.version_id, []).append(row)
        return {
            one.version_id: evidence.matches(asked, one, ports[one.version_id], columns.get(one.version_id, ()))
            for one in products
        }

    def _rows(self, asked: Query, principal: Principal, order: Order, first: int, keys: Sequence[Any]) -> Sequence[Any]:
        shaping = Shaping(self._dialect)
        shape = shaping.shape(asked.where)
        how = {"browse": asked.lists_all, "resumed": bool(keys), "where": shape, "order": order}
        page = self._ranked(self._dialect, principal, **how)
        after = dict(zip((f"after_{name}" for name in order.keys), keys, strict=False))
        return self._read(
            page, {"count": first + 1, **after, **shaping.values, **statement.values(asked, self._dialect)}
        )

    def _read(self, asked: Any, values: Mapping[str, Any]) -> Sequence[Any]:
        with self._database.reading() as connection:
            return connection.execute(asked, values).all()


def _hit(row: Any) -> Hit:
    width = len(Product._fields)
    return Hit(Product._make(row[:width]), *row[width : width + 3], *row[width + 4 :])


def _best_first(hit: Hit) -> tuple[int, int, int, str]:
    return (hit.match_tier, hit.field_tier, hit.prior, hit.product.fqn)


#: the sort keys of a hit, of which types they are, and what the order adds to the scope of a cursor
_KEYS: Mapping[Order, Callable[[Hit], Sequence[str | int | float]]] = {
    Order.BEST: _best_first,
    Order.TRUST: lambda hit: (hit.rank, *_best_first(hit)),
}
_SHAPES = {Order.BEST: (int, int, int, str), Order.TRUST: (float, int, int, int, str)}
_SCOPES = {Order.BEST: "", Order.TRUST: " by trust"}
