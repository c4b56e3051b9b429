"""What do the ports and columns of a few versions say, so that they can be laid side by side?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, false, or_, select, true

from catalog import spans
from catalog.among import among
from catalog.database import Database
from catalog.lines import LINE, meant
from catalog.products import LISTING, VERSION
from catalog.tables.mesh import ColumnRow
from catalog.tables.row import table_of
from catalog.visible import visible
from engine.descriptor.versions import is_semver
from engine.model import Principal

COLUMN = table_of(ColumnRow)
MOST_COLUMNS = 2_000
"""Columns of one version that are compared; further ones are left out, and that is told."""


class Named(NamedTuple):
    """What somebody named: a line by a reference (`catalog.lines`) and perhaps one version of it, or a version's id."""

    reference: str
    version: str | None = None
    version_id: str | None = None


class ComparedColumn(NamedTuple):
    """One column of a port of a version, as far as it is compared."""

    version_id: str
    port_kind: str
    port: str
    dataset: str
    path: str
    type: str
    description: str
    tags: tuple[str, ...]


class Compared:
    """Reads for comparisons."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def versions(
        self, named: Sequence[Named], *, principal: Principal, at: int | None = None
    ) -> tuple[str | None, ...]:
        """The id of each version that is meant, in their order; None for what is not there. One statement for each."""
        asked = [_meant(one, at).where(_storable(one)).where(visible(principal, VERSION.c.domain)) for one in named]
        with self._database.reading() as connection:
            return tuple(connection.execute(one).scalar() for one in asked)

    def columns(self, version_ids: Sequence[str], *, principal: Principal) -> tuple[ComparedColumn, ...]:
        """The columns of these versions in the order of ports and definitions, one more than are compared of each."""
        asked = select(*(COLUMN.c[name] for name in ComparedColumn._fields)).join(
            VERSION, VERSION.c.id == COLUMN.c.version_id
        )
        wanted = among(COLUMN.c.version_id, "versions")
        asked = asked.where(wanted, COLUMN.c.position <= MOST_COLUMNS, visible(principal, VERSION.c.domain))
        with self._database.reading() as connection:
            rows: Sequence[Any] = connection.execute(
                asked.order_by(COLUMN.c.version_id, COLUMN.c.position), {"versions": list(version_ids)}
            ).all()
        return tuple(map(ComparedColumn._make, rows))


def _storable(one: Named) -> ColumnElement[bool]:
    """No version has a name that is no SemVer, and PostgreSQL takes no NUL."""
    told = one.version is None or is_semver(one.version)
    return true() if told and "\0" not in (one.version_id or "") else false()


def _meant(one: Named, at: int | None) -> Select[Any]:
    """Without a version the one that is listed."""
    if one.version_id is not None:
        return select(VERSION.c.id).where(VERSION.c.id == one.version_id.replace("\0", ""))
    asked = select(VERSION.c.id).join(LINE, LINE.c.id == VERSION.c.line_id).where(meant(one.reference))
    if one.version is not None:
        same = or_(VERSION.c.version == one.version, VERSION.c.plain_version == one.version)
        return asked.where(same)
    return asked.join(LISTING, LISTING.c.version_id == VERSION.c.id).where(spans.at_revision(LISTING, at))
