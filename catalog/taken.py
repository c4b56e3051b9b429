"""Was this version accepted before with other content?"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from catalog import precedence
from catalog.lines import product_id
from catalog.tables.product import VersionRow
from catalog.tables.row import table_of
from engine.model import Identity

VERSION = table_of(VersionRow)
_THERE = select(VERSION.c.version, VERSION.c.digest).where(
    VERSION.c.product_id == bindparam("product"), VERSION.c.plain_version == bindparam("plain")
)


def taken(connection: Connection, identity: Identity, digest: str) -> str | None:
    """The version, as it was written then, that other content holds; None for a free one and for equal content.

    One version stands for one content whatever its build metadata says, as `catalog.versions` has it.
    """
    place = {
        "product": product_id(identity.namespace, identity.name),
        "plain": precedence.without_build(identity.version),
    }
    row = connection.execute(_THERE, place).one_or_none()
    if row is None or (row.version, row.digest) == (identity.version, digest):
        return None
    return str(row.version)
