"""Which waivers excused something in the decisions that stand now?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from sqlalchemy import Connection, or_, select

from catalog.among import among
from catalog.tables.decision import DecisionRow
from catalog.tables.mesh import ListingRow
from catalog.tables.row import table_of
from engine.descriptor.identity import line_fqn, parse_fqn

LISTING, DECISION = table_of(ListingRow), table_of(DecisionRow)

_STANDING = (
    select(DECISION.c.record)
    .join(LISTING, LISTING.c.decision_id == DECISION.c.id)
    .where(LISTING.c.until_revision.is_(None), among(LISTING.c.product_fqn, "looked_up"))
    .where(
        or_(
            among(LISTING.c.fqn, "lines"),
            among(LISTING.c.product_fqn, "products"),
        )
    )
)


def excusing_on(connection: Connection, products: Iterable[str]) -> frozenset[str]:
    """The ids of all waivers that a standing decision on one of these products (fqn in any dialect) names.

    The decision that stands is the one of the version in the listings. One statement, whatever the number of products.
    """
    lines, every = _named(products)
    # by their products they are looked up; by either name, SQLite would read all listings
    looked_up = sorted({*every, *(one.rpartition(":")[0] for one in lines)})
    rows = connection.execute(_STANDING, {"lines": lines, "products": every, "looked_up": looked_up}).scalars()
    return frozenset(waiver for record in rows if record is not None for waiver in _waivers(orjson.loads(record)))


def _named(products: Iterable[str]) -> tuple[list[str], list[str]]:
    """The lines that are named with their major, and the products that are named without."""
    lines, every = set(), set()
    for parsed in map(parse_fqn, products):
        if parsed is None:
            continue
        fqn = line_fqn(parsed.namespace, parsed.name, parsed.major or 0)
        if parsed.major is None:
            every.add(fqn.rpartition(":")[0])
        else:
            lines.add(fqn)
    return sorted(lines), sorted(every)


def _waivers(record: dict[str, Any]) -> list[str]:
    return [one["waiver"] for one in record["decision"]["findings"] if one.get("waiver")]
