"""What was the catalog's head at a moment, and does the chain still agree with it?

A statement of the head that is kept elsewhere finds what the chain alone cannot: a tail that was cut, and a history
that was written anew from some revision on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from catalog.database import Database
from catalog.tables.order import HeadRow, LinkRow
from catalog.tables.row import table_of
from engine.errors import CatalogUnavailable
from engine.model import Json

LINK, HEAD = table_of(LinkRow), table_of(HeadRow)
SCHEMA = "meshgate/head/1"


@dataclass(frozen=True, slots=True)
class Head:
    """The last revision, feed cursor and chain hash, as they were at a moment."""

    revision: int
    cursor: int
    hash: str
    at: datetime

    def told(self) -> dict[str, Json]:
        """The statement as JSON."""
        known = {"revision": self.revision, "cursor": self.cursor, "chain_hash": self.hash}
        return {"schema": SCHEMA, **known, "at": self.at.isoformat()}

    @classmethod
    def of(cls, told: Json) -> Head:
        """The head in a statement as `told` writes it. Raises ValueError for anything else."""
        if not isinstance(told, Mapping) or told.get("schema") != SCHEMA:
            raise ValueError(f"it is no statement of the schema {SCHEMA}")
        revision, cursor, chain_hash = (told.get(name) for name in ("revision", "cursor", "chain_hash"))
        if type(revision) is not int or type(cursor) is not int or not isinstance(chain_hash, str):
            raise ValueError("it lacks revision, cursor or chain_hash")
        return cls(revision, cursor, chain_hash, datetime.fromisoformat(str(told.get("at"))))


def head(database: Database, *, at: datetime) -> Head:
    """The head as it is now. Raises CatalogUnavailable where there is none: a catalog always has one."""
    with database.reading() as connection:
        row = connection.execute(select(HEAD)).one_or_none()
    if row is None:
        raise CatalogUnavailable("The head row of the catalog is missing; run `meshgate db verify`.")
    return Head(row.revision, row.cursor, row.chain_hash, at)


def disagreements(connection: Connection, heads: Sequence[Head], last: int) -> Iterator[tuple[int, str]]:
    """Where the chain, which ends with the revision `last`, is not the one that these heads were taken of.

    Each is the first revision that can be bad and what is wrong there. A history that was written anew as a whole can
    only be placed between two heads: the last one that agrees, and the first one that does not.
    """
    agreed = 0
    hashes = _hashes(connection, [one.revision for one in heads])
    for one in sorted(heads, key=lambda one: (one.revision, one.at)):
        told = f"the head of {one.at.isoformat(timespec='seconds')}"
        if one.revision > last:
            span = f"revisions {last + 1} to {one.revision}" if one.revision > last + 1 else f"revision {last + 1}"
            yield last + 1, f"the tail was cut: {told} says that {span} existed"
        elif one.revision and hashes.get(one.revision) not in (one.hash, None):
            where = f"between revision {agreed + 1} and {one.revision}" if agreed + 1 < one.revision else "here"
            yield agreed + 1, f"history was rewritten {where}: {told} has another hash of revision {one.revision}"
            return
        else:
            agreed = one.revision


def _hashes(connection: Connection, revisions: Sequence[int]) -> dict[int, Any]:
    rows = connection.execute(select(LINK.c.revision, LINK.c.hash).where(LINK.c.revision.in_(revisions)))
    return {row.revision: row.hash for row in rows}


def revision_on(connection: Connection) -> int:
    """The last revision, as this connection sees it."""
    return int(connection.execute(select(HEAD.c.revision)).scalar_one())
