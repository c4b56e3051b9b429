"""Which version stands for a line in lists and search?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import and_, bindparam, insert, select, update

from catalog import precedence, summary
from catalog.tables.mesh import ListingRow
from catalog.tables.product import LineRow, ProductRow, VersionRow, VersionStatusRow
from catalog.tables.row import table_of
from catalog.text import document, index, port_columns, traits
from catalog.text.rebuilt import stored_ports
from engine.model import Column, Identity, Json, Port

if TYPE_CHECKING:
    from catalog.summary import Summary
    from catalog.writing import Writing

LISTING = table_of(ListingRow)
LINE, PRODUCT = table_of(LineRow), table_of(ProductRow)
VERSION, STATUS = table_of(VersionRow), table_of(VersionStatusRow)

_PLACE = (
    select(LINE.c.id, LISTING.c.number, LISTING.c.precedence)
    .join(LISTING, and_(LISTING.c.line_id == LINE.c.id, LISTING.c.until_revision.is_(None)), isouter=True)
    .where(LINE.c.id == bindparam("line"))
)
_HIGHEST = (
    select(VERSION, STATUS.c.status, LINE.c.fqn, LINE.c.odm_id, LINE.c.major, PRODUCT.c.namespace, PRODUCT.c.name)
    .join(STATUS, STATUS.c.version_id == VERSION.c.id)
    .join(LINE, LINE.c.id == VERSION.c.line_id)
    .join(PRODUCT, PRODUCT.c.id == LINE.c.product_id)
    .where(VERSION.c.line_id == bindparam("line"), STATUS.c.until_revision.is_(None), STATUS.c.status != "withdrawn")
    .order_by(VERSION.c.precedence.desc())
    .limit(1)
)


class Listings:
    """The listings that one unit of work opens and closes."""

    def __init__(self, work: Writing) -> None:
        self._work = work

    def place(self, line_id: str) -> Any:
        """The line with its listing (columns None where nothing of it is listed); None where there is no such line."""
        return self._work.connection.execute(_PLACE, {"line": line_id}).one_or_none()

    def consider(
        self,
        row: dict[str, Any],
        identity: Identity,
        effective: dict[str, Json],
        ports: Sequence[Port],
        columns: Sequence[Column],
        *,
        place: Any,
    ) -> None:
        """A version was accepted (its row given): list it unless a higher one of its line stands at that place."""
        if _listed(place) and place.precedence >= precedence.key(identity.version):
            return
        self._open(row, "active", identity, effective, ports, columns, replacing=place)

    def review(self, line_id: str) -> None:
        """The status of a version changed: list the highest version of the line that is not withdrawn."""
        place = self.place(line_id)
        highest = self._work.connection.execute(_HIGHEST, {"line": line_id}).one_or_none()
        if highest is None:
            self._close(place)
            return
        names = ("fqn", "odm_id", "namespace", "name", "major", "version", "domain")
        identity = Identity(id=line_id, **{name: getattr(highest, name) for name in names})
        effective = orjson.loads(highest.effective)
        ports = stored_ports(self._work.connection, highest.id)
        columns = port_columns.stored(self._work.connection, highest.id)
        self._open(highest._mapping, highest.status, identity, effective, ports, columns, replacing=place)

    def _close(self, place: Any) -> None:
        if not _listed(place):
            return
        for statement, values in index.take_out(self._work.database.dialect, place.number):
            self._work.write(statement, values)
        ended = update(LISTING).where(LISTING.c.number == place.number)
        self._work.write(ended, {"until_revision": self._work.revision})

    def _open(
        self,
        version: Any,
        status: str,
        identity: Identity,
        effective: dict[str, Json],
        ports: Sequence[Port],
        columns: Sequence[Column],
        *,
        replacing: Any,
    ) -> None:
        self._close(replacing)
        told = summary.of(effective)
        self._work.write(insert(LISTING), row_of(version, status, identity, told, revision=self._work.revision))
        words = document.of(identity, told, ports, columns)
        found = traits.of(identity, told, status, ports, columns)
        for statement, values in index.put_in(self._work.database.dialect, identity.id, words, found):
            self._work.write(statement, values)


def row_of(version: Any, status: str, identity: Identity, told: Summary, *, revision: int) -> dict[str, Any]:
    """The listing of a version (its row given) with this status, from a revision on."""
    return {
        **{name: version[name] for name in ("version", "precedence", "digest", "decision_id", "accepted_at")},
        **{name: getattr(identity, name) for name in ("fqn", "namespace", "name", "major", "domain")},
        **{name: getattr(told, name) for name in ("display_name", "description", "owner", "tags")},
        "product_fqn": identity.fqn.rpartition(":")[0],
        "line_id": identity.id,
        "version_id": version["id"],
        "status": status,
        "name_key": summary.look_up_key(identity.name),
        "display_key": summary.look_up_key(told.display_name),
        "prior": 0 if status == "active" else 1,
        "from_revision": revision,
    }


def _listed(place: Any) -> bool:
    return place is not None and place.number is not None
