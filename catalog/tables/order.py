"""Which rows give everything its one order: the head, the chain links and the feed?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, Text
from sqlmodel import Field

from catalog.tables.columns import JsonText, Moment, PlainText
from catalog.tables.row import Row, ValidRow


class HeadRow(Row, table=True):
    """The single row that every writing transaction locks (DESIGN §7): last revision, feed cursor and chain hash.

    `at` is the moment of the last revision, before which no later one is made; None while there is none.
    """

    __tablename__ = "catalog_head"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: int = Field(primary_key=True)
    revision: int = Field(sa_type=BigInteger)
    cursor: int = Field(sa_type=BigInteger)
    chain_hash: str = Field(sa_type=Text)
    at: datetime | None = Field(default=None, sa_type=Moment, nullable=True)


class LinkRow(Row, table=True):
    """One link of the hash chain: the digests of what one revision recorded, tied to the link before.

    `at` is the moment of the revision and never falls along the chain: what leads from an instant to a revision.
    """

    __tablename__ = "chain_link"
    __table_args__ = (Index(None, "at", "revision"),)

    revision: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    previous_hash: str = Field(sa_type=Text)
    hash: str = Field(sa_type=Text)
    entries: Any = Field(sa_type=JsonText, nullable=False)
    at: datetime | None = Field(default=None, sa_type=Moment, nullable=True)


class ChangeRow(ValidRow, table=True):
    """One entry of the ordered feed; cursors are dense and rise in commit order."""

    __tablename__ = "change"
    __table_args__ = (Index(None, "from_revision"),)

    cursor: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    kind: str = Field(sa_type=Text)
    subject: str = Field(sa_type=PlainText)
    domain: str = Field(default="", sa_type=PlainText)
    payload: Any = Field(sa_type=JsonText, nullable=False)
    principal: str = Field(sa_type=PlainText)
    at: datetime = Field(sa_type=Moment)
