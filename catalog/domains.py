"""Which domains are there, and which one has a product now, whatever its older versions name?"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select

from catalog.database import Database
from catalog.lines import product_id as id_of
from catalog.spans import at_revision
from catalog.tables.mesh import ListingRow
from catalog.tables.product import VersionRow
from catalog.tables.row import table_of
from catalog.visible import visible
from engine.descriptor.identity import parse_fqn
from engine.model import Principal

VERSION, LISTING = table_of(VersionRow), table_of(ListingRow)

_NEWEST = (
    select(VERSION.c.domain)
    .where(VERSION.c.product_id == bindparam("product"))
    .order_by(VERSION.c.from_revision.desc())
    .limit(1)
)


def domain_now(connection: Connection, product_id: str) -> str | None:
    """The domain of the product's newest version, all majors; None for a product without versions."""
    return connection.execute(_NEWEST, {"product": product_id}).scalar()


def domain_of(connection: Connection, fqn: str) -> str | None:
    """The domain that has the product of this line now; None where there is no such product."""
    parsed = parse_fqn(fqn)
    return None if parsed is None else domain_now(connection, id_of(parsed.namespace, parsed.name))


class Domain(NamedTuple):
    """A domain and how many product lines it has in the mesh."""

    name: str
    products: int


class Domains:
    """Reads of domains, now or as they were `at` a revision."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, *, principal: Principal, at: int | None = None) -> tuple[Domain, ...]:
        """Every domain that has a product, by name, letter by letter."""
        counts = select(LISTING.c.domain, func.count()).where(at_revision(LISTING, at))
        counts = counts.where(visible(principal, LISTING.c.domain)).group_by(LISTING.c.domain)
        with self._database.reading() as connection:
            return tuple(sorted(Domain(*row) for row in connection.execute(counts)))
