"""Which domain has a product now, whatever its older versions name?"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from catalog.tables.product import VersionRow
from catalog.tables.row import table_of

VERSION = table_of(VersionRow)

_NEWEST = (
    select(VERSION.c.domain)
    .where(VERSION.c.product_id == bindparam("product"))
    .order_by(VERSION.c.from_revision.desc())
    .limit(1)
)


def domain_now(connection: Connection, product_id: str) -> str | None:
    """The domain of the product's newest version, all majors; None for a product without versions."""
    return connection.execute(_NEWEST, {"product": product_id}).scalar()
