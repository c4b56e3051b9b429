"""Which line does a reference mean: an fqn in any dialect, a uuid5 id, or an ODM id?"""

from __future__ import annotations

import re
import uuid

from sqlalchemy import ColumnElement, and_, false, func, or_, select

from catalog.spans import made_by
from catalog.tables.product import LineRow
from catalog.tables.row import table_of
from engine.descriptor.identity import line_fqn, parse_fqn

LINE = table_of(LineRow)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def product_id(namespace: str, name: str) -> str:
    """The id of a product, all majors: uuid5 over its fqn without a major."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"urn:dpds:{namespace}:dataproducts:{name}"))


def meant(reference: str, *, at: int | None = None) -> ColumnElement[bool]:
    """The condition on `line` for this reference; an fqn without a major means the highest major there is (or was
    `at` a revision).

    The fqn of a port or component means the line that it belongs to.
    """
    if _UUID.fullmatch(reference):
        return or_(LINE.c.id == reference.lower(), LINE.c.odm_id == reference.lower())
    parsed = parse_fqn(reference)
    if parsed is None:
        return false()
    if parsed.major is not None:
        return LINE.c.fqn == line_fqn(parsed.namespace, parsed.name, parsed.major)
    product = product_id(parsed.namespace, parsed.name)
    others = LINE.alias()
    highest = select(func.max(others.c.major)).where(others.c.product_id == product, made_by(others, at))
    return and_(LINE.c.product_id == product, LINE.c.major == highest.scalar_subquery())
