"""How many of the products that match have which domain, owner, tag …?

A facet is counted over what the query finds without the demands that it makes of that facet's own field, so that the
values beside the chosen one keep their counts. All facets of a query come from one statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple, cast

from sqlalchemy import CompoundSelect, Select, and_, bindparam, func, literal, null, select, union_all

from catalog.search.conditions import HAVING, TRAIT
from catalog.search.shape import Shape, Shaping
from catalog.search.statement import candidates
from catalog.search.where import Where, without
from engine.model import Principal

#: the fields that can be counted
COUNTED = ("domain", "owner", "status", "tag", "has", "platform", "specification")


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


def counted(
    dialect: str, principal: Principal, *, browse: bool, groups: Sequence[tuple[Shape, tuple[str, ...]]]
) -> CompoundSelect[Any]:
    """The statement behind `facets`: for each group of fields that are counted over the same products one row with
    their number (rank 0), and for each value that is shown its count, and the values and counts of its field.

    Parameters: `top`, and those of `statement.values` and of the shapes.
    """
    parts = [part for at, group in enumerate(groups) for part in _group(dialect, principal, browse, *group, at)]
    return union_all(*parts)


def grouped(shaping: Shaping, where: Where, fields: Sequence[str]) -> tuple[tuple[Shape, tuple[str, ...]], ...]:
    """The fields by the shape of the tree over which they are counted; most share the whole one."""
    groups: dict[Where, list[str]] = {}
    for field in dict.fromkeys(fields):
        groups.setdefault(without(where, field), []).append(field)
    return tuple((shaping.shape(rest), tuple(names)) for rest, names in groups.items())


def facets(rows: Iterable[Any], fields: Sequence[str], *, most: int) -> tuple[Facet, ...]:
    """The facets of these rows, in the order of `fields`."""
    ordered = sorted(rows, key=lambda row: (row.field, row.rank))
    found = {field: list(group) for field, group in groupby(ordered, key=lambda row: row.field)}
    sizes = {field: size.products for size in found.pop("", []) for field in size.value.split(",")}
    return tuple(_facet(field, found.get(field, []), sizes[field] <= most) for field in fields)


def _facet(field: str, rows: Sequence[Any], exact: bool) -> Facet:
    values = tuple(FacetValue(row.value, row.products) for row in rows)
    if not rows:
        return Facet(field, (), 0, 0, exact)
    others = int(rows[0].whole) - sum(one.products for one in values)
    return Facet(field, values, rows[0].number_of_values - len(values), others, exact)


def _group(
    dialect: str, principal: Principal, browse: bool, where: Shape, fields: Sequence[str], at: int
) -> tuple[Select[Any], Select[Any]]:
    found = candidates(dialect, principal, browse=browse, where=where).cte(f"found_{at}")
    size = select(
        literal("").label("field"),
        literal(0).label("rank"),
        literal(",".join(fields)).label("value"),
        func.count().label("products"),
        null().label("whole"),
        null().label("number_of_values"),
    ).select_from(found)
    # an outer join, so that SQLite starts from what was found and does not read the traits of all listings
    mine = and_(HAVING.c.number == found.c.number, HAVING.c.field.in_(fields))
    having = select(HAVING.c.field, HAVING.c.trait_id, func.count().label("products"))
    having = having.select_from(found.join(HAVING, mine, isouter=True))
    counts = having.group_by(HAVING.c.field, HAVING.c.trait_id).cte(f"counts_{at}")
    of_field: dict[str, Any] = {"partition_by": counts.c.field}
    rank = func.row_number().over(**of_field, order_by=(counts.c.products.desc(), TRAIT.c.key))
    ranks = select(
        counts.c.field,
        rank.label("rank"),
        TRAIT.c.value,
        counts.c.products,
        func.sum(counts.c.products).over(**of_field).label("whole"),
        func.count().over(**of_field).label("number_of_values"),
    ).join(TRAIT, TRAIT.c.id == counts.c.trait_id)
    ranked = ranks.cte(f"ranked_{at}")
    return cast("Select[Any]", size), select(ranked).where(ranked.c.rank <= bindparam("top"))
