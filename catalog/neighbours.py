"""Which lines may see other neighbours in the mesh since a given change?

Those whose versions changed with the other majors of their products, those that read them or are read by them (in any
of their versions, since a consumer that went away is news too), and those with the same name in another namespace:
everything that `catalog.mesh` tells of.
"""

from __future__ import annotations

from sqlalchemy import Connection, Select, bindparam, select

from catalog.among import among
from catalog.spans import ever
from catalog.tables.mesh import ListingRow, ReadingRow
from catalog.tables.order import ChangeRow
from catalog.tables.product import LineRow, VersionRow
from catalog.tables.row import table_of

CHANGE, LISTING, LINE = table_of(ChangeRow), table_of(ListingRow), table_of(LineRow)
READING, VERSION = table_of(ReadingRow), table_of(VersionRow)
_MANY = 500

_SUBJECTS = select(CHANGE.c.subject).where(CHANGE.c.cursor > bindparam("after"), CHANGE.c.kind.like("version.%"))
_CHANGED = select(LINE.c.id).where(LINE.c.fqn.in_(_SUBJECTS)).order_by(LINE.c.id)


def moved(connection: Connection, after: int) -> set[str]:
    """The ids of all lines, listed or not, that may see other neighbours since the change with this cursor."""
    changed = list(connection.execute(_CHANGED, {"after": after}).scalars())
    found = set(changed)
    for start in range(0, len(changed), _MANY):
        some = {"lines": changed[start : start + _MANY]}
        for statement in (_OF_THE_PRODUCT, _READERS, _READ, _NAMED_ALIKE):
            found |= set(connection.execute(statement, some).scalars())
    return found


def _of_the_product() -> Select[tuple[str]]:
    """All majors of these lines' products: one may hold the previous version of another."""
    changed = LINE.alias("changed")
    joined = select(LINE.c.id).join(changed, changed.c.product_id == LINE.c.product_id)
    return joined.where(among(changed.c.id, "lines"))


def _readers() -> Select[tuple[str]]:
    """Lines that have a version reading any major of these lines' products."""
    products = select(LISTING.c.product_fqn).where(among(LISTING.c.line_id, "lines"), ever(LISTING))
    readers = select(VERSION.c.line_id).join(READING, READING.c.version_id == VERSION.c.id)
    return readers.where(READING.c.product_fqn.in_(products)).distinct()


def _read() -> Select[tuple[str]]:
    """Lines of products that any version of these lines reads."""
    read = select(READING.c.product_fqn).join(VERSION, VERSION.c.id == READING.c.version_id)
    read = read.where(among(VERSION.c.line_id, "lines"))
    return select(LISTING.c.line_id).where(LISTING.c.product_fqn.in_(read), ever(LISTING)).distinct()


def _named_alike() -> Select[tuple[str]]:
    """Listed lines with the name of one of these lines."""
    other = LISTING.alias("other")
    names = select(other.c.name_key).where(among(other.c.line_id, "lines"), ever(other))
    return select(LISTING.c.line_id).where(LISTING.c.name_key.in_(names), LISTING.c.until_revision.is_(None)).distinct()


_OF_THE_PRODUCT, _READERS, _READ, _NAMED_ALIKE = _of_the_product(), _readers(), _read(), _named_alike()
