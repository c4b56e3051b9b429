"""Which version of the product came before this one?"""

from __future__ import annotations

from typing import Any, cast

import orjson
from sqlalchemy import Connection, bindparam, select

from catalog import precedence
from catalog.database import Database
from catalog.lines import product_id
from catalog.parts import parts_on
from catalog.tables.product import VersionRow
from catalog.tables.row import table_of
from engine.model import Json, Part

VERSION = table_of(VersionRow)
_BELOW = (
    select(VERSION.c.id, VERSION.c.digest, VERSION.c.effective)
    .where(VERSION.c.product_id == bindparam("product"), VERSION.c.precedence < bindparam("precedence"))
    .order_by(VERSION.c.precedence.desc())
    .limit(1)
)


def previous(database: Database, namespace: str, name: str, version: str) -> dict[str, Json] | None:
    """The effective descriptor of the highest accepted version of the product below this one, across majors."""
    with database.reading() as connection:
        return previous_on(connection, namespace, name, version)


def previous_on(connection: Connection, namespace: str, name: str, version: str) -> dict[str, Json] | None:
    """As `previous`, on a connection that is already open (such as a unit of work's, for its re-check)."""
    row = _below(connection, namespace, name, version)
    return None if row is None else cast(dict[str, Json], orjson.loads(row.effective))


def previous_parts_on(connection: Connection, namespace: str, name: str, version: str) -> tuple[Part, ...]:
    """The submitted files of the previous version, verbatim, the root first; none where there is no such version."""
    row = _below(connection, namespace, name, version)
    return () if row is None else parts_on(connection, [row.id])[row.id]


def previous_digest_on(connection: Connection, namespace: str, name: str, version: str) -> str | None:
    """The digest of the previous version's effective descriptor; cheaper to compare than the descriptor."""
    row = _below(connection, namespace, name, version)
    return None if row is None else cast(str, row.digest)


def _below(connection: Connection, namespace: str, name: str, version: str) -> Any:
    values = {"product": product_id(namespace, name), "precedence": precedence.key(version)}
    return connection.execute(_BELOW, values).one_or_none()
