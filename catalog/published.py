"""What does the mesh publish of itself: its current versions, with everything that their authors wrote?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Select, select

from catalog.database import Database
from catalog.lines import LINE, meant
from catalog.products import LISTED
from catalog.shown import Product
from catalog.spans import at_revision
from catalog.tables.mesh import ListingRow
from catalog.tables.product import VersionRow
from catalog.tables.row import table_of
from catalog.visible import visible
from engine.model import Json, Principal

LISTING, VERSION = table_of(ListingRow), table_of(VersionRow)


class Publication(NamedTuple):
    """A listed version with its effective descriptor; `line_since` is when the first of its line was accepted."""

    product: Product
    effective: Mapping[str, Json]
    line_since: datetime


class Published:
    """Reads of what is listed, in the order of the fqn; one statement for a page."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def after(self, fqn: str, *, principal: Principal, limit: int, at: int | None = None) -> tuple[Publication, ...]:
        """Up to `limit` publications that follow this fqn, as they are now or were at a revision."""
        return self._read(_listed(principal, at).where(LISTING.c.fqn > fqn).order_by(LISTING.c.fqn).limit(limit))

    def one(self, reference: str, *, principal: Principal, at: int | None = None) -> Publication | None:
        """The publication of the line that the reference means."""
        found = self._read(_listed(principal, at).where(meant(reference)))
        return found[0] if found else None

    def _read(self, statement: Select[Any]) -> tuple[Publication, ...]:
        with self._database.reading() as connection:
            rows = connection.execute(statement).all()
        return tuple(Publication(Product._make(row[:-2]), orjson.loads(row[-2]), row[-1]) for row in rows)


def _listed(principal: Principal, at: int | None) -> Select[Any]:
    joined = select(*LISTED, VERSION.c.effective, LINE.c.accepted_at.label("since"))
    joined = joined.join(VERSION, VERSION.c.id == LISTING.c.version_id).join(LINE, LINE.c.id == LISTING.c.line_id)
    return joined.where(at_revision(LISTING, at), visible(principal, LISTING.c.domain))
