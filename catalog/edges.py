"""Which listed output port does a reading mean, and which readings mean the ports of a line?

Both directions of the same rule: a reading names a line; one that names a product without a major means the highest
listed major that offers the port.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, exists, or_, select

from catalog.spans import Revision, at_revision
from catalog.tables.mesh import ListingRow, PortRow, ReadingRow
from catalog.tables.row import table_of

READING = table_of(ReadingRow)
#: the listing that reads, the listing that is read, and the output port that joins them
READER = table_of(ListingRow).alias("reader")
SOURCE = table_of(ListingRow).alias("source")
OUTPUT = table_of(PortRow).alias("output")


def live(listing: FromClause, at: Revision = None) -> ColumnElement[bool]:
    """The listing holds now, or held at this revision."""
    return at_revision(listing, at)


def output_of(listing: FromClause, port: FromClause) -> ColumnElement[bool]:
    """The port is an output port of this listing."""
    return and_(port.c.version_id == listing.c.version_id, port.c.kind == "outputport")


def named(port: FromClause) -> ColumnElement[bool]:
    """The port has the name that the reading gives."""
    return port.c.name == READING.c.port_name


def meant(product_fqn: Any, major: Any, at: Revision = None) -> ColumnElement[bool]:
    """The reading names this major of the product, or none while no higher listed major offers the port."""
    higher, port = table_of(ListingRow).alias("higher"), table_of(PortRow).alias("higher_output")
    above = select(higher.c.number).select_from(higher).join(port, and_(output_of(higher, port), named(port)))
    above = above.where(higher.c.product_fqn == product_fqn, higher.c.major > major, live(higher, at))
    highest = and_(READING.c.major.is_(None), ~exists(above.correlate(SOURCE, READING)))
    return and_(READING.c.product_fqn == product_fqn, or_(READING.c.major == major, highest))


def offered() -> ColumnElement[bool]:
    """`SOURCE` offers the port that the reading names. (Not a join: for that SQLite would index all ports anew.)"""
    return exists().where(output_of(SOURCE, OUTPUT), named(OUTPUT)).correlate(SOURCE, READING)


def meant_by_reading(at: Revision = None) -> ColumnElement[bool]:
    """The reading means `SOURCE`."""
    return meant(SOURCE.c.product_fqn, SOURCE.c.major, at)


def resolved(*columns: Any, at: Revision = None) -> Select[Any]:
    """Readings of listed versions joined to the listed output ports that they mean, now or at a revision."""
    statement = select(*columns).select_from(READING).join(READER, and_(READER.c.version_id == READING.c.version_id))
    statement = statement.join(SOURCE, and_(live(SOURCE, at), meant_by_reading(at)))
    return statement.where(offered(), live(READER, at))
