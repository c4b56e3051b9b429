"""How do accepted versions of a stream become products, listings, lineage and search, many at once?

What `Versions.add` does for one version in a unit of work, for a page of them with a few statements; the same functions
make the rows. Call `flush` before anything reads what was added.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, func, select, text, update

from catalog import summary, versions
from catalog.bulk import Bulk
from catalog.listings import row_of
from catalog.stream.things import Version
from catalog.tables.mesh import ColumnRow, ListingRow, PortRow, ReadingRow
from catalog.tables.product import LineRow, PartRow, ProductRow, VersionRow, VersionStatusRow
from catalog.tables.row import table_of
from catalog.text import document, index, port_columns, traits
from catalog.text.many import Found, Index
from engine.descriptor import Parts, Submission, ingest
from engine.descriptor.components import components, port
from engine.descriptor.contracts.port_schemas import schemas_of
from engine.descriptor.lineage import readings
from engine.model import Port

PRODUCT, LINE, VERSION = table_of(ProductRow), table_of(LineRow), table_of(VersionRow)
STATUS, PART, PORT = table_of(VersionStatusRow), table_of(PartRow), table_of(PortRow)
COLUMN, READING, LISTING = table_of(ColumnRow), table_of(ReadingRow), table_of(ListingRow)
TABLES = (PRODUCT, LINE, VERSION, STATUS, PART, PORT, COLUMN, READING, LISTING)
"""In an order in which each refers to those before it."""

_LIVE = (LISTING.c.line_id == LINE.c.id) & LISTING.c.until_revision.is_(None)
_KNOWN = select(LINE.c.id, LISTING.c.number, LISTING.c.precedence).join(LISTING, _LIVE, isouter=True)
_CLOSED = update(LISTING).where(LISTING.c.number == bindparam("closed"))

Place = tuple[int, str]
"""The listing of a line: its number, and the precedence of its version."""


class Accepting:
    """The versions that are being taken in. `bulk` has to know `TABLES`."""

    def __init__(self, connection: Connection, bulk: Bulk) -> None:
        self._connection, self._bulk = connection, bulk
        self._index = Index(connection)
        self._waiting: list[Version] = []

    def add(self, version: Version) -> None:
        self._waiting.append(version)

    def flush(self, rest: Bulk) -> None:
        """Store what was added; `rest` is what versions refer to, and is stored before them."""
        rest.flush()
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        page = _Page(self._connection, self._bulk, waiting)
        for version in waiting:
            page.take(version)
        for statement, values in page.closed:  # before the others: one listing of a line holds at a time
            self._connection.execute(statement, values)
        for row in page.listings.values():
            self._bulk.add(LISTING, row)
        self._bulk.flush()
        _count_on(self._connection)
        self._index.put_in(page.opened, [one for one in page.opened if page.lasts(one.number)])


class _Page:
    """Some versions, in the order in which they were accepted."""

    def __init__(self, connection: Connection, bulk: Bulk, waiting: Sequence[Version]) -> None:
        self._bulk, self._dialect = bulk, connection.dialect.name
        lines = _chunks({one.identity.id for one in waiting})
        rows = [row for some in lines for row in connection.execute(_KNOWN.where(LINE.c.id.in_(some)))]
        self._lines: dict[str, Place | None] = {
            row.id: (row.number, row.precedence) if row.number else None for row in rows
        }
        products = _chunks({one.row["product_id"] for one in waiting})
        self._products = {id for some in products for id in connection.execute(_products(some)).scalars()}
        self._next = 1 + (connection.execute(select(func.max(LISTING.c.number))).scalar() or 0)
        self.opened: list[Found] = []
        self.listings: dict[int, dict[str, Any]] = {}
        self.closed: list[tuple[Executable, dict[str, Any]]] = []

    def lasts(self, number: int) -> bool:
        """Whether this listing holds at the end of the page."""
        return self.listings[number]["until_revision"] is None

    def take(self, version: Version) -> None:
        """Add the rows of one version, and list it unless a higher one of its line is listed."""
        row, effective = version.row, version.effective
        keys = {"version_id": row["id"], "from_revision": row["from_revision"]}
        ports = [port(one) for one in components(effective) if one.is_port]
        promised = _columns(version)
        self._name_line(version)
        self._bulk.add(VERSION, row)
        self._bulk.add(STATUS, {**versions.first_status(row), "from_revision": row["from_revision"]})
        tables = (PART, versions.part_rows(version.parts)), (PORT, versions.port_rows(ports))
        read = [versions.reading_row(one) for one in readings(effective)]
        for table, rows in (*tables, (COLUMN, port_columns.rows(promised)), (READING, read)):
            for position, one in enumerate(rows):
                self._bulk.add(table, {**one, **keys, "position": position})
        place = self._lines.get(row["line_id"])
        if place is None or place[1] < row["precedence"]:
            self._open(version, ports, promised, place)

    def _name_line(self, version: Version) -> None:
        row, identity = version.row, version.identity
        if row["product_id"] not in self._products:
            self._products.add(row["product_id"])
            named = {"id": row["product_id"], "namespace": identity.namespace, "name": identity.name}
            self._bulk.add(PRODUCT, {**named, "from_revision": row["from_revision"]})
        if identity.id not in self._lines:
            self._lines[identity.id] = None
            line = {name: getattr(identity, name) for name in ("id", "major", "fqn", "odm_id")}
            since = {"accepted_at": row["accepted_at"], "from_revision": row["from_revision"]}
            self._bulk.add(LINE, {**line, "product_id": row["product_id"], **since})

    def _open(
        self, version: Version, ports: Sequence[Port], promised: Sequence[port_columns.PortColumn], place: Place | None
    ) -> None:
        number, self._next = self._next, self._next + 1
        revision, identity = version.row["from_revision"], version.identity
        if place is not None:
            self._close(place[0], revision)
        told = summary.of(version.effective)
        row = row_of(version.row, "active", identity, told, revision=revision)
        self.listings[number] = {**row, "number": number, "until_revision": None}
        self._lines[identity.id] = (number, version.row["precedence"])
        columns = [one.column for one in promised]
        words = document.of(identity, told, ports, columns)
        self.opened.append(Found(number, words, traits.of(identity, told, "active", ports, columns)))

    def _close(self, number: int, revision: int) -> None:
        if number in self.listings:
            self.listings[number]["until_revision"] = revision
            return
        self.closed.append((_CLOSED, {"closed": number, "until_revision": revision}))
        self.closed += index.take_out(self._dialect, number)


def _count_on(connection: Connection) -> None:
    """Let PostgreSQL count on after the numbers of listings that were given here."""
    if connection.dialect.name == "postgresql":
        highest = "SELECT setval(pg_get_serial_sequence('listing', 'number'), max(number)) FROM listing"
        connection.execute(text(f"{highest} HAVING max(number) IS NOT NULL"))


def _columns(version: Version) -> list[port_columns.PortColumn]:
    """Definitions that refer to something are read with the files of the submission, as when it was accepted."""
    if len(version.parts) == 1 and b"$ref" not in version.parts[0].content and b"\\" not in version.parts[0].content:
        return port_columns.of_schemas(schemas_of(version.effective))
    parts = Parts({part.path: part.content for part in version.parts})
    return port_columns.of(ingest(Submission(version.row["root"], parts)))


def _products(ids: Sequence[str]) -> Any:
    return select(PRODUCT.c.id).where(PRODUCT.c.id.in_(ids))


def _chunks(ids: Iterable[str], size: int = 500) -> list[list[str]]:
    """Some at a time: a statement takes so many values and no more."""
    found = sorted(ids)
    return [found[start : start + size] for start in range(0, len(found), size)]
