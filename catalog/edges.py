"""Which listed output port does a reading mean, and which readings mean the ports of a line?

Both directions of the same rule: a reading names a line; one that names a product without a major means the highest
listed major that offers the port.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, exists, or_, select

from catalog.tables.mesh import ListingRow, PortRow, ReadingRow
from catalog.tables.row import table_of

READING = table_of(ReadingRow)
#: the listing that reads, the listing that is read, and the output port that joins them
READER = table_of(ListingRow).alias("reader")
SOURCE = table_of(ListingRow).alias("source")
OUTPUT = table_of(PortRow).alias("output")


def live(listing: FromClause) -> ColumnElement[bool]:
    return listing.c.until_revision.is_(None)


def offers(listing: FromClause, port: FromClause) -> ColumnElement[bool]:
    """The port is the output port of this listing that the reading names."""
    named = and_(port.c.kind == "outputport", port.c.name == READING.c.port_name)
    return and_(port.c.version_id == listing.c.version_id, named)


def meant_by_reading() -> ColumnElement[bool]:
    """`SOURCE` is the line that the reading names, or the highest major of the product that offers the port."""
    higher, port = table_of(ListingRow).alias("higher"), table_of(PortRow).alias("higher_output")
    above = select(higher.c.number).select_from(higher).join(port, offers(higher, port))
    above = above.where(higher.c.product_fqn == SOURCE.c.product_fqn, higher.c.major > SOURCE.c.major, live(higher))
    product_named = and_(SOURCE.c.product_fqn == READING.c.product_fqn, ~exists(above.correlate(SOURCE, READING)))
    return or_(SOURCE.c.fqn == READING.c.product_fqn, product_named)


def resolved(*columns: Any) -> Select[Any]:
    """Readings of listed versions joined to the listed output ports that they mean."""
    statement = select(*columns).select_from(READING).join(READER, and_(READER.c.version_id == READING.c.version_id))
    statement = statement.join(SOURCE, and_(live(SOURCE), meant_by_reading()))
    return statement.join(OUTPUT, offers(SOURCE, OUTPUT)).where(live(READER))
