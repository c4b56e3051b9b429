"""How do versions that were accepted before the catalog kept columns, traits and phrases get theirs?

Run after the schema was changed, in the same transaction: what is missing is made from what was stored.
"""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, exists, insert, select

from catalog import summary
from catalog.tables.mesh import ColumnRow, ListingRow, PortRow
from catalog.tables.product import LineRow, PartRow, VersionRow
from catalog.tables.row import table_of
from catalog.tables.search import ListingTextRow
from catalog.text import document, index, port_columns, traits
from engine.descriptor import Parts, Submission, ingest
from engine.model import Identity, Port

LISTING, PORT, COLUMN = table_of(ListingRow), table_of(PortRow), table_of(ColumnRow)
VERSION, LINE, PART = table_of(VersionRow), table_of(LineRow), table_of(PartRow)
TEXT = table_of(ListingTextRow)

_HAS_PORT = exists().where(PORT.c.version_id == VERSION.c.id)
_HAS_COLUMN = exists().where(COLUMN.c.version_id == VERSION.c.id)
_WITHOUT_COLUMNS = select(VERSION.c.id).where(_HAS_PORT, ~_HAS_COLUMN).order_by(VERSION.c.id)
_VERSION = select(VERSION.c.root, VERSION.c.from_revision).where(VERSION.c.id == bindparam("version"))
_PARTS = select(PART.c.path, PART.c.content).where(PART.c.version_id == bindparam("version"))
_UNINDEXED = (
    select(LISTING, LINE.c.odm_id, VERSION.c.effective)
    .join(LINE, LINE.c.id == LISTING.c.line_id)
    .join(VERSION, VERSION.c.id == LISTING.c.version_id)
    .where(LISTING.c.until_revision.is_(None), ~exists().where(TEXT.c.number == LISTING.c.number))
    .order_by(LISTING.c.number)
    .limit(500)
)
_PORTS = select(PORT).where(PORT.c.version_id == bindparam("version")).order_by(PORT.c.position)


def rebuilt(connection: Connection) -> None:
    """Store what is missing; the caller commits."""
    for version_id in connection.execute(_WITHOUT_COLUMNS).scalars().all():
        _keep_columns(connection, version_id)
    while batch := connection.execute(_UNINDEXED).all():
        for listing in batch:
            _index(connection, listing)


def stored_ports(connection: Connection, version_id: str) -> list[Port]:
    """The ports of a stored version, in their order."""
    names = [name for name in Port.__dataclass_fields__ if name != "tags"]
    found = connection.execute(_PORTS, {"version": version_id}).mappings()
    return [Port(**{name: row[name] for name in names}, tags=tuple(row["tags"])) for row in found]


def _keep_columns(connection: Connection, version_id: str) -> None:
    """The submission is read anew: only its own files tell what definitions refer to."""
    values = {"version": version_id}
    version = connection.execute(_VERSION, values).one()
    parts = {row.path: row.content for row in connection.execute(_PARTS, values)}
    read = ingest(Submission(version.root, Parts(parts)))
    keys = {"version_id": version_id, "from_revision": version.from_revision}
    rows = [{**row, **keys, "position": at} for at, row in enumerate(port_columns.rows(port_columns.of(read)))]
    if rows:
        connection.execute(insert(COLUMN), rows)


def _index(connection: Connection, listing: Any) -> None:
    names = ("fqn", "odm_id", "namespace", "name", "major", "version", "domain")
    identity = Identity(id=listing.line_id, **{name: getattr(listing, name) for name in names})
    told = summary.of(orjson.loads(listing.effective))
    ports = stored_ports(connection, listing.version_id)
    columns = port_columns.stored(connection, listing.version_id)
    words = document.of(identity, told, ports, columns)
    found = traits.of(identity, told, listing.status, ports, columns)
    dialect = connection.dialect.name
    out = index.take_out(dialect, listing.number)
    for statement, values in [*out, *index.put_in(dialect, identity.id, words, found)]:
        connection.execute(statement, values)
