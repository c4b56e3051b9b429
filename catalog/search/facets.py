"""How many of the products that match have which domain, owner, tag …?

A facet is counted over what the query finds without the demands that it makes of that facet's own field, so that the
values beside the chosen one keep their counts.

To group thousands of pairs of product and value costs a store more than to find the products. So the store strings
together what each product has (`listing_facet`), it is counted here, and the texts of those values alone are read that
may be among the commonest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest, nsmallest
from typing import Any, NamedTuple

import orjson
from sqlalchemy import CTE, ColumnElement, TextClause, func, literal, null, select, text, union_all
from sqlalchemy.sql.selectable import CompoundSelect

from catalog.products import LISTING
from catalog.search import measured
from catalog.search.judged import compliance, shown_grade
from catalog.search.shape import Shape, Shaping
from catalog.search.statement import by_words, candidates
from catalog.search.where import Where, without
from catalog.tables.row import table_of
from catalog.tables.search import ListingFacetRow
from catalog.text import traits
from engine.model import Principal

HAD = table_of(ListingFacetRow)
#: the fields that are counted by the numbers of their values
BY_NUMBER = traits.COUNTED
#: the fields that can be counted
COUNTED = (*BY_NUMBER, "compliance", "grade")
#: stands between what the products of one query have, and in no grade
_BETWEEN = {"grade": "\n"}

Group = tuple[Shape, tuple[str, ...]]
"""What is counted over, and the fields that are counted over it."""


class FacetValue(NamedTuple):
    """One value and how many of the products have it."""

    value: str
    products: int


@dataclass(frozen=True, slots=True)
class Facet:
    """The commonest values of one field; `other_values` more follow, with `other_count` occurrences in all.

    `exact` is False where only the first candidates in prior order were counted.
    """

    field: str
    values: tuple[FacetValue, ...]
    other_values: int
    other_count: int
    exact: bool


class Tally(NamedTuple):
    """How many of so many products have each value, which stands there by its number or as it is compared.

    `foremost` are those that are no rarer than the last that is shown.
    """

    products: int
    counts: Counter[str]
    foremost: Sequence[str]
    spelt: Mapping[str, str]


def grouped(shaping: Shaping, where: Where, fields: Sequence[str]) -> tuple[Group, ...]:
    """The fields by the shape of the tree over which they are counted; most share the whole one."""
    groups: dict[Where, list[str]] = {}
    for field in dict.fromkeys(fields):
        groups.setdefault(without(where, field), []).append(field)
    return tuple((shaping.shape(rest), tuple(names)) for rest, names in groups.items())


def strung(dialect: str, principal: Principal, *, browse: bool, groups: Sequence[Group]) -> CompoundSelect[Any]:
    """The statement that gives for each group its place, the number of its products, and for each field of all groups
    what these have of it in one text; null for the fields of other groups.

    Parameters: those of `statement.values` and of the shapes.
    """
    every = [field for _, fields in groups for field in fields]
    return union_all(*(_group(dialect, principal, browse, group, at, every) for at, group in enumerate(groups)))


def tallied(rows: Iterable[Any], groups: Sequence[Group], top: int) -> dict[str, Tally]:
    """What `strung` gave, counted, by field."""
    told = {row.place: row for row in rows}
    found: dict[str, Tally] = {}
    for at, (_, fields) in enumerate(groups):
        row = told[at]
        found |= {field: _tally(row.products, field, row._mapping[field] or "", top) for field in fields}
    return found


def wanted(tallies: Mapping[str, Tally]) -> str:
    """The numbers of the values whose texts decide which are shown, as JSON; empty for none."""
    numbers = [int(one) for field in BY_NUMBER if field in tallies for one in tallies[field].foremost]
    return orjson.dumps(numbers).decode() if numbers else ""


def named(dialect: str) -> TextClause:
    """The statement that gives the id, key and value of the traits with these numbers; parameter: `numbers`."""
    return _NAMED[dialect]


def facets(
    tallies: Mapping[str, Tally], texts: Iterable[Any], fields: Sequence[str], top: int, most: int
) -> tuple[Facet, ...]:
    """The facets of these fields, in their order: commonest first, then by what is compared."""
    spelt = {str(row.id): (row.key, row.value) for row in texts}
    return tuple(_facet(field, tallies[field], spelt if field in BY_NUMBER else {}, top, most) for field in fields)


def _facet(field: str, tally: Tally, spelt: Mapping[str, tuple[str, str]], top: int, most: int) -> Facet:
    counts = tally.counts
    known = {one: spelt.get(one) or (one, tally.spelt.get(one, one)) for one in tally.foremost}
    first = nsmallest(top, known, key=lambda one: (-counts[one], known[one][0]))
    values = tuple(FacetValue(known[one][1], counts[one]) for one in first)
    others = counts.total() - sum(one.products for one in values)
    return Facet(field, values, len(counts) - len(values), others, tally.products <= most)


def _foremost(counts: Counter[str], top: int) -> list[str]:
    """The values that are no rarer than the last of the `top` commonest."""
    if len(counts) <= top:
        return list(counts)
    least = nlargest(top, counts.values())[-1]
    return [one for one, count in counts.items() if count >= least]


def _tally(products: int, field: str, told: str, top: int) -> Tally:
    if field != "grade":
        counts = Counter(told.split())
        return Tally(products, counts, _foremost(counts, top), {})
    grades = [one for one in told.split(_BETWEEN[field]) if one]
    counts = Counter(map(measured.grade, grades))
    spelt = {measured.grade(one): one for one in sorted(grades, reverse=True)}
    return Tally(products, counts, _foremost(counts, top), spelt)


def _group(dialect: str, principal: Principal, browse: bool, group: Group, at: int, every: Sequence[str]) -> Any:
    where, fields = group
    # no more than is needed: a wide row costs more to sort than to find
    told = (LISTING.c.number,) if set(fields) <= set(BY_NUMBER) else (LISTING.c.number, LISTING.c.line_id)
    worded = by_words(dialect, browse=browse, where=where)
    found = candidates(dialect, principal, where=where, told=told, worded=worded).cte(f"found_{at}")
    having = {field: _had(dialect, principal, found, field) for field in fields}
    strings = [(having[field] if field in having else null()).label(field) for field in every]
    # an outer join, so that SQLite starts from what was found and does not read what all listings have
    joined = found.join(HAD, HAD.c.number == found.c.number, isouter=True)
    return select(literal(at).label("place"), func.count().label("products"), *strings).select_from(joined)


def _had(dialect: str, principal: Principal, found: CTE, field: str) -> ColumnElement[str]:
    if field in BY_NUMBER:
        had: ColumnElement[Any] = HAD.c[field]
    elif field == "compliance":
        had = compliance(dialect, principal, found.c.line_id)
    else:
        had = shown_grade(principal, found.c.line_id)
    return func.aggregate_strings(had, _BETWEEN.get(field, " "))


_NAMED = {
    "sqlite": text("SELECT id, key, value FROM trait WHERE id IN (SELECT value FROM json_each(:numbers))"),
    "postgresql": text(
        "SELECT id, key, value FROM trait"
        " WHERE id IN (SELECT CAST(value AS bigint) FROM json_array_elements_text(CAST(:numbers AS json)))"
    ),
}
