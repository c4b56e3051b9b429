"""Who are the neighbours of many stored versions, told as `catalog.mesh` tells them of one descriptor?

Five statements, however many versions. A policy of the mesh judges with the whole mesh in sight; whoever brings a need
of their own sees only the neighbours that they may see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from catalog import spans
from catalog.among import among
from catalog.candidates import Candidate
from catalog.database import Database
from catalog.edges import READER, READING
from catalog.mesh import HEAD, LISTING, PORT
from catalog.summary import look_up_key
from catalog.visible import visible
from engine.model import Json, Principal, SourceKind


class Neighbourhoods:
    """Reads of neighbours."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(
        self, versions: Sequence[Candidate], *, principal: Principal, at: int | None = None
    ) -> dict[str, dict[str, Json]]:
        """`{revision, upstream, consumers, name_clashes}` of each version (see `catalog.mesh.facts`), by its id."""
        with self._database.snapshot() as connection:
            around = _Around(_Read(connection, principal, at), versions)
        return {one.version_id: around.told(one) for one in versions}


class _Read:
    """One connection, who asks, and at which revision."""

    def __init__(self, connection: Connection, principal: Principal, at: int | None) -> None:
        self._connection, self._principal, self._at = connection, principal, at

    @property
    def revision(self) -> int:
        last = int(self._connection.execute(select(HEAD.c.revision)).scalar_one())
        return last if self._at is None else min(last, self._at)

    def readings(self, version_ids: Sequence[str]) -> Sequence[Any]:
        """What the input ports of these versions read of other products."""
        found = select(*READING.c).where(among(READING.c.version_id, "named"), READING.c.kind == str(SourceKind.PORT))
        return self._rows(found.order_by(READING.c.version_id, READING.c.position), version_ids)

    def offers(self, products: Iterable[str]) -> Sequence[Any]:
        """Every output port of every listed major of these products, lower majors first."""
        names = ("fqn", "product_fqn", "major", "version", "status", "domain")
        found = select(*(LISTING.c[name] for name in names), PORT.c.name.label("port"))
        found = found.join(PORT, PORT.c.version_id == LISTING.c.version_id).where(PORT.c.kind == "outputport")
        return self._rows(self._listed(found, LISTING).order_by(LISTING.c.major), products, LISTING.c.product_fqn)

    def readers(self, products: Iterable[str]) -> Sequence[Any]:
        """Every listed reading of these products."""
        names = ("product_fqn", "major", "port_name", "input_port")
        found = select(READER.c.fqn, READER.c.domain, *(READING.c[name] for name in names))
        found = found.join(READING, READING.c.version_id == READER.c.version_id)
        ordered = self._listed(found, READER).order_by(READER.c.fqn, READING.c.position)
        return self._rows(ordered, products, READING.c.product_fqn)

    def alike(self, names: Iterable[str]) -> Sequence[Any]:
        """Every listed line with one of these names."""
        found = select(LISTING.c.fqn, LISTING.c.domain, LISTING.c.namespace, LISTING.c.name_key)
        ordered = self._listed(found, LISTING).order_by(LISTING.c.fqn)
        return self._rows(ordered, map(look_up_key, names), LISTING.c.name_key)

    def _listed(self, found: Select[Any], listing: Any) -> Select[Any]:
        return found.where(spans.at_revision(listing, self._at), visible(self._principal, listing.c.domain))

    def _rows(self, found: Select[Any], named: Iterable[str], column: Any = None) -> Sequence[Any]:
        asked = found if column is None else found.where(among(column, "named"))
        return self._connection.execute(asked, {"named": sorted(set(named))}).all()


class _Around:
    """What was read around some versions, each kind grouped by what it is looked up by."""

    def __init__(self, read: _Read, versions: Sequence[Candidate]) -> None:
        readings, own = read.readings([one.version_id for one in versions]), {one.product_fqn for one in versions}
        self._revision = read.revision
        self._readings = _grouped(readings, lambda row: row.version_id)
        read_of = own | {one.product_fqn for one in readings}
        self._offers = _grouped(read.offers(read_of), lambda row: (row.product_fqn, row.port))
        self._readers = _grouped(read.readers(own), lambda row: row.product_fqn)
        self._alike = _grouped(read.alike(one.name for one in versions), lambda row: row.name_key)

    def told(self, one: Candidate) -> dict[str, Json]:
        """The neighbours of one of these versions."""
        alike = self._alike.get(look_up_key(one.name), ())
        return {
            "revision": self._revision,
            "upstream": [self._upstream(row) for row in self._readings.get(one.version_id, ())],
            "consumers": [_consumer(row) for row in self._readers.get(one.product_fqn, ()) if self._reads(row, one)],
            "name_clashes": [
                {"product": row.fqn, "domain": row.domain} for row in alike if row.namespace != one.namespace
            ],
        }

    def _upstream(self, reading: Any) -> dict[str, Json]:
        """Without a major the highest listed one that offers the port is meant: the last of the offers."""
        offers = reversed(self._offers.get((reading.product_fqn, reading.port_name), ()))
        offer = next((one for one in offers if reading.major in (None, one.major)), None)
        told = {"input_port": reading.input_port, "target": reading.target, "resolved": offer is not None}
        if offer is None:
            return told
        found = {name: getattr(offer, name) for name in ("version", "status", "domain")}
        return {**told, "product": offer.fqn, **found}

    def _reads(self, reading: Any, version: Candidate) -> bool:
        """Whether the reading means this line (as `catalog.edges.meant`)."""
        if reading.fqn == version.fqn or reading.major not in (None, version.major):
            return False
        offers = self._offers.get((version.product_fqn, reading.port_name), ())
        return reading.major is not None or not any(one.major > version.major for one in offers)


def _grouped(rows: Iterable[Any], key: Callable[[Any], Any]) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def _consumer(reading: Any) -> dict[str, Json]:
    told = {"product": reading.fqn, "domain": reading.domain, "port": reading.port_name}
    return {**told, "input_port": reading.input_port}
