"""Which products are in the mesh, in which versions, with which ports, and what was submitted?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast

import orjson
from sqlalchemy import ColumnElement, Select, bindparam, select, true

from catalog import cursor, summary
from catalog.among import among
from catalog.database import Database
from catalog.lines import LINE, meant
from catalog.shown import Page, Product, StoredPort, StoredVersion
from catalog.spans import at_revision, made_by
from catalog.tables.mesh import ListingRow, PortRow
from catalog.tables.product import PartRow, ProductRow, VersionRow, VersionStatusRow
from catalog.tables.row import table_of
from catalog.visible import visible
from engine.model import Json, Part, Principal

LISTING, PORT, PART = table_of(ListingRow), table_of(PortRow), table_of(PartRow)
PRODUCT, VERSION, STATUS = table_of(ProductRow), table_of(VersionRow), table_of(VersionStatusRow)

#: the columns of a listing, in the order of `Product`
LISTED = tuple(LISTING.c["line_id" if name == "id" else name] for name in Product._fields)
_PORT_COLUMNS = tuple(PORT.c[name] for name in StoredPort._fields)
_STANDING = tuple(
    (STATUS if name in ("status", "reason", "sunset", "successor") else VERSION).c[name]
    for name in StoredVersion._fields
)
_STORED_FIELDS = ("id", "version", "domain", "digest", "decision_id", "accepted_at", "effective", "root")
_STORED = (*(VERSION.c[name] for name in _STORED_FIELDS), STATUS.c.status)
_LINE = (LINE.c.id.label("line_id"), LINE.c.fqn, LINE.c.major, PRODUCT.c.namespace, PRODUCT.c.name)


class Products:
    """Reads of products, now or as they were `at` a revision of the catalog.

    A line's current version is its highest one that is not withdrawn.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._page_statement = lru_cache(maxsize=128)(_page_statement)
        self._ports_statement = lru_cache(maxsize=128)(_ports_statement)

    def find(self, reference: str, *, principal: Principal, at: int | None = None) -> Product | None:
        """The current version of the line that the reference means (fqn in any dialect, uuid5 id or ODM id)."""
        statement = select(*LISTED).join(LINE, LINE.c.id == LISTING.c.line_id)
        held = meant(reference, at=at), at_revision(LISTING, at)
        statement = statement.where(*held, visible(principal, LISTING.c.domain))
        with self._database.reading() as connection:
            row = connection.execute(statement).first()
        return None if row is None else Product._make(row)

    def version(self, reference: str, version: str, *, principal: Principal, at: int | None = None) -> Product | None:
        """Exactly this version of the line, whatever its status."""
        row = self._stored(reference, version, principal, at)
        if row is None:
            return None
        told = summary.of(orjson.loads(row["effective"]))
        words = {name: getattr(told, name) for name in ("display_name", "description", "owner", "tags")}
        stored = {name: row[name] for name in Product._fields if name in row and name != "id"}
        return Product(**{**stored, **words, "id": row["line_id"], "version_id": row["id"]})

    def versions(self, reference: str, *, principal: Principal, at: int | None = None) -> tuple[StoredVersion, ...]:
        """All versions of the line, highest first."""
        statement = _versions(reference, principal, at).with_only_columns(*_STANDING)
        with self._database.reading() as connection:
            rows = connection.execute(statement.order_by(VERSION.c.precedence.desc())).all()
        return tuple(StoredVersion._make(row) for row in rows)

    def page(
        self,
        *,
        principal: Principal,
        first: int = 20,
        after: str | None = None,
        domain: str | None = None,
        at: int | None = None,
    ) -> Page[Product]:
        """Current versions in the order of their fqn; raises `CursorInvalid`."""
        scope = f"products {domain or ''}{cursor.of_revision(at)}"
        start = cursor.read(after, scope=scope, shape=(str,))[0] if after else ""
        statement = self._page_statement(principal, domain is not None, at)
        values = {"start": start, "count": first + 1, **({"domain": domain} if domain is not None else {})}
        with self._database.reading() as connection:
            rows = connection.execute(statement, values).all()
        items = tuple(map(Product._make, rows[:first]))
        return Page(items, len(rows) > first, scope, lambda product: (product.fqn,))

    def domains(self, *, principal: Principal) -> frozenset[str]:
        """The domains that have a product now."""
        held = at_revision(LISTING, None), visible(principal, LISTING.c.domain)
        statement = select(LISTING.c.domain).distinct().where(*held)
        with self._database.reading() as connection:
            return frozenset(connection.execute(statement).scalars())

    def ports_of(
        self, version_ids: Sequence[str], *, principal: Principal, at: int | None = None
    ) -> dict[str, tuple[StoredPort, ...]]:
        """The ports of each of these versions, in the order of its descriptor: one statement for all of them."""
        with self._database.reading() as connection:
            rows = connection.execute(self._ports_statement(principal, at), {"versions": list(version_ids)}).all()
        found: dict[str, list[StoredPort]] = {one: [] for one in version_ids}
        for row in map(StoredPort._make, rows):
            found[row.version_id].append(row)
        return {one: tuple(ports) for one, ports in found.items()}

    def original(self, reference: str, version: str, *, principal: Principal, part: str | None = None) -> Part | None:
        """One submitted file of a version, byte for byte: the root document unless a part is named."""
        if part is not None:
            parts = self._parts(reference, version, principal, PART.c.path == part)
        else:
            parts = self._parts(reference, version, principal, PART.c.path == VERSION.c.root)
        return parts[0] if parts else None

    def parts(self, reference: str, version: str, *, principal: Principal) -> tuple[Part, ...]:
        """All submitted files of a version, in the order in which they came."""
        return self._parts(reference, version, principal, true())

    def effective(self, reference: str, version: str, *, principal: Principal) -> dict[str, Json] | None:
        """The effective descriptor of a version."""
        row = self._stored(reference, version, principal, None)
        return None if row is None else cast(dict[str, Json], orjson.loads(row["effective"]))

    def _parts(
        self, reference: str, version: str, principal: Principal, which: ColumnElement[bool]
    ) -> tuple[Part, ...]:
        one = _versions(reference, principal, None).where(VERSION.c.version == version)
        statement = one.join(PART, PART.c.version_id == VERSION.c.id).where(which).order_by(PART.c.position)
        with self._database.reading() as connection:
            rows = connection.execute(statement.with_only_columns(PART.c.path, PART.c.content)).all()
        return tuple(Part(path=row.path, content=row.content) for row in rows)

    def _stored(self, reference: str, version: str, principal: Principal, at: int | None) -> Any:
        statement = _versions(reference, principal, at).where(VERSION.c.version == version)
        with self._database.reading() as connection:
            return connection.execute(statement).mappings().first()


def _versions(reference: str, principal: Principal, at: int | None) -> Select[Any]:
    joined = select(*_STORED, *_LINE).join(LINE, LINE.c.id == VERSION.c.line_id)
    joined = joined.join(PRODUCT, PRODUCT.c.id == LINE.c.product_id)
    joined = joined.join(STATUS, STATUS.c.version_id == VERSION.c.id).where(at_revision(STATUS, at))
    return joined.where(meant(reference, at=at), visible(principal, VERSION.c.domain))


def _page_statement(principal: Principal, in_domain: bool, at: int | None) -> Select[Any]:
    statement = select(*LISTED).where(at_revision(LISTING, at), LISTING.c.fqn > bindparam("start"))
    if in_domain:
        statement = statement.where(LISTING.c.domain == bindparam("domain"))
    return statement.where(visible(principal, LISTING.c.domain)).order_by(LISTING.c.fqn).limit(bindparam("count"))


def _ports_statement(principal: Principal, at: int | None) -> Select[Any]:
    statement = select(*_PORT_COLUMNS).join(VERSION, VERSION.c.id == PORT.c.version_id)
    wanted = among(PORT.c.version_id, "versions"), made_by(VERSION, at)
    return statement.where(*wanted, visible(principal, VERSION.c.domain)).order_by(PORT.c.version_id, PORT.c.position)
