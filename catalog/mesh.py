"""What may a policy know of a descriptor's neighbours in the mesh?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select

from catalog.among import among
from catalog.database import Database
from catalog.edges import READER, live, meant
from catalog.summary import look_up_key
from catalog.tables.mesh import ListingRow, PortRow, ReadingRow
from catalog.tables.order import HeadRow
from catalog.tables.product import LineRow
from catalog.tables.row import table_of
from engine.model import Descriptor, Identity, Json, Reading, SourceKind

LISTING, PORT, READING, HEAD = table_of(ListingRow), table_of(PortRow), table_of(ReadingRow), table_of(HeadRow)
LINE = table_of(LineRow)
_LIVE = LISTING.c.until_revision.is_(None)

#: one statement for both: the line's row never changes, so it is as old as the revision beside it
_MOMENT = select(
    HEAD.c.revision, select(LINE.c.accepted_at).where(LINE.c.id == bindparam("line")).scalar_subquery().label("since")
)
_OFFERED = (
    select(
        LISTING.c.fqn,
        LISTING.c.product_fqn,
        LISTING.c.version,
        LISTING.c.status,
        LISTING.c.domain,
        PORT.c.name.label("port"),
    )
    .join(PORT, PORT.c.version_id == LISTING.c.version_id)
    .where(_LIVE, PORT.c.kind == "outputport", among(PORT.c.name, "ports"))
    .where(among(LISTING.c.product_fqn, "products"))
    .order_by(LISTING.c.major)
)
_CONSUMERS = (
    select(READER.c.fqn, READER.c.domain, READING.c.port_name, READING.c.input_port)
    .join(READING, READING.c.version_id == READER.c.version_id)
    .where(meant(bindparam("product"), bindparam("major")))
    .where(live(READER), READER.c.fqn != bindparam("line"))
    .order_by(READER.c.fqn, READING.c.position)
)
_CLASHES = (
    select(LISTING.c.fqn, LISTING.c.domain)
    .where(LISTING.c.name_key == bindparam("name"), LISTING.c.namespace != bindparam("namespace"), _LIVE)
    .order_by(LISTING.c.fqn)
)


class Surroundings(NamedTuple):
    """What the catalog knows around a descriptor: `mesh` as `facts` tells it, and since when its line exists."""

    mesh: dict[str, Json]
    accepted_at: datetime | None


def facts(database: Database, descriptor: Descriptor) -> dict[str, Json]:
    """The neighbours of this descriptor at the catalog's last revision, for `Facts.mesh` (DESIGN §4, Input).

    `{revision, upstream: [{input_port, target, resolved, product?, version?, status?, domain?}],
    consumers: [{product, domain, port, input_port}], name_clashes: [{product, domain}]}`. Consumers are all that name
    this line, also a port that it does not offer. Policies judge with the whole mesh in sight: no principal narrows it.
    """
    with database.reading() as connection:
        return surroundings_on(connection, descriptor).mesh


def surroundings_on(connection: Connection, descriptor: Descriptor) -> Surroundings:
    """The neighbours, and when the descriptor's line was first accepted, on a connection that is already open.

    (Such as that of a unit of work, for its re-check.)
    """
    # The revision comes first: without a snapshot, what changes meanwhile makes the facts look older, never newer.
    identity = descriptor.identity
    moment = connection.execute(_MOMENT, {"line": identity and identity.id}).one()
    mesh: dict[str, Json] = {
        "revision": moment.revision,
        "upstream": _upstream(connection, descriptor),
        "consumers": [] if identity is None else _consumers(connection, identity),
        "name_clashes": [] if identity is None else _clashes(connection, identity),
    }
    return Surroundings(mesh, moment.since)


def _upstream(connection: Connection, descriptor: Descriptor) -> list[dict[str, Json]]:
    read = [reading for reading in descriptor.readings if reading.kind is SourceKind.PORT]
    offered = _offered(connection, read) | _own(descriptor)
    return [_resolved(reading, offered.get((reading.product_fqn, reading.port_name))) for reading in read]


def _offered(connection: Connection, read: Sequence[Reading]) -> dict[tuple[str, str], dict[str, Json]]:
    """What each line, and for readings without a major each product's highest major, offers under a port's name."""
    if not read:
        return {}
    # a line is looked for by its product: by either name, SQLite would read through all ports that there are
    named = {one.product_fqn for one in read}
    products = sorted(named | {one.rpartition(":")[0] for one in named})
    values = {"products": products, "ports": [one.port_name for one in read]}
    offered: dict[tuple[str, str], dict[str, Json]] = {}
    for row in connection.execute(_OFFERED, values):
        told = {"product": row.fqn, "version": row.version, "status": row.status, "domain": row.domain}
        offered |= {(row.fqn, row.port): told, (row.product_fqn, row.port): told}
    return offered


def _own(descriptor: Descriptor) -> dict[tuple[str, str], dict[str, Json]]:
    """A product that reads its own output port reads the version that is being judged."""
    identity = descriptor.identity
    if identity is None:
        return {}
    told: dict[str, Any] = {"product": identity.fqn, "version": identity.version, "status": "active"}
    ports = [port.name for port in descriptor.ports if port.kind == "outputport"]
    return {(identity.fqn, name): {**told, "domain": identity.domain} for name in ports}


def _resolved(reading: Reading, offer: dict[str, Json] | None) -> dict[str, Json]:
    told = {"input_port": reading.input_port, "target": reading.target}
    return {**told, "resolved": offer is not None, **(offer or {})}


def _consumers(connection: Connection, identity: Identity) -> list[dict[str, Json]]:
    values = {"line": identity.fqn, "product": identity.fqn.rpartition(":")[0], "major": identity.major}
    rows = connection.execute(_CONSUMERS, values)
    return [
        {"product": row.fqn, "domain": row.domain, "port": row.port_name, "input_port": row.input_port} for row in rows
    ]


def _clashes(connection: Connection, identity: Identity) -> list[dict[str, Json]]:
    values = {"name": look_up_key(identity.name), "namespace": identity.namespace}
    return [{"product": row.fqn, "domain": row.domain} for row in connection.execute(_CLASHES, values)]
