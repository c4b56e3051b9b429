"""What does deploying need to know of an accepted version?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Select, select

from catalog import precedence
from catalog.database import Database
from catalog.deployments import Slot
from catalog.domains import domain_now
from catalog.lines import LINE, meant
from catalog.parts import parts_on
from catalog.tables.product import ProductRow, VersionRow, VersionStatusRow
from catalog.tables.row import table_of
from catalog.visible import visible
from engine.errors import NotFound
from engine.model import Identity, Json, Part, Principal

PRODUCT, VERSION = table_of(ProductRow), table_of(VersionRow)
STATUS = table_of(VersionStatusRow)


@dataclass(frozen=True, slots=True)
class Deployable:
    """An accepted version with its submitted parts (the root first named by `root`) and its effective content.

    `domain` is the one that has the product now; that of the identity is the one that this version names.
    """

    version_id: str
    product_id: str
    identity: Identity
    domain: str
    status: str
    digest: str
    root: str
    parts: tuple[Part, ...]
    effective: dict[str, Json]

    def slot(self, environment: str) -> Slot:
        """Where this version runs in an environment."""
        one = self.identity
        return Slot(self.product_id, one.id, one.fqn, one.name, self.domain, one.major, environment)


def deployable(database: Database, product: str, version: str, *, principal: Principal) -> Deployable:
    """The accepted version of the line with this fqn (any dialect) or id (ours or ODM's). Raises NotFound."""
    here = (meant(product), VERSION.c.version == version, visible(principal, VERSION.c.domain))
    with database.reading() as connection:
        row = connection.execute(_VERSIONS.where(*here)).mappings().first()
        if row is None:
            raise NotFound(f"{product} has no accepted version {version}.", product=product, version=version)
        return _deployable(row, connection)


def by_id(database: Database, version_id: str) -> Deployable:
    """The accepted version with this id; for the worker, which holds a clearance. Raises NotFound."""
    with database.reading() as connection:
        row = connection.execute(_VERSIONS.where(VERSION.c.id == version_id)).mappings().first()
        if row is None:
            raise NotFound(f"There is no accepted version {version_id}.")
        return _deployable(row, connection)


def status_on(connection: Connection, version_id: str) -> str:
    """The status of a version as a unit of work sees it after it has locked the head."""
    live = (STATUS.c.version_id == version_id, STATUS.c.until_revision.is_(None))
    return str(connection.execute(select(STATUS.c.status).where(*live)).scalar_one())


def lower(version: str, other: str) -> bool:
    """Whether a version stands below another by SemVer precedence."""
    return precedence.key(version) < precedence.key(other)


_VERSIONS: Select[Any] = select(
    VERSION,
    LINE.c.fqn,
    LINE.c.odm_id,
    LINE.c.major,
    PRODUCT.c.namespace,
    PRODUCT.c.name,
    STATUS.c.status,
).select_from(
    VERSION.join(LINE, LINE.c.id == VERSION.c.line_id)
    .join(PRODUCT, PRODUCT.c.id == VERSION.c.product_id)
    .join(STATUS, (STATUS.c.version_id == VERSION.c.id) & STATUS.c.until_revision.is_(None))
)


def _deployable(row: Any, connection: Connection) -> Deployable:
    names = ("fqn", "odm_id", "namespace", "name", "major", "version", "domain")
    identity = Identity(id=row["line_id"], **{name: row[name] for name in names})
    return Deployable(
        version_id=row["id"],
        product_id=row["product_id"],
        identity=identity,
        domain=domain_now(connection, row["product_id"]) or identity.domain,
        status=row["status"],
        digest=row["digest"],
        root=row["root"],
        parts=parts_on(connection, [row["id"]])[row["id"]],
        effective=orjson.loads(row["effective"]),
    )
