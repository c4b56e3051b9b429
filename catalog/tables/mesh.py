"""What do search, lists and lineage read: listings of current versions, their ports and what they read?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, text
from sqlmodel import Field

from catalog.tables.columns import NUMBER, Moment, PlainText, SortedText, Texts
from catalog.tables.product import STATUSES
from catalog.tables.row import ValidRow, past

LIVE = text("until_revision IS NULL")


def _live(*columns: str, unique: bool = False) -> Index:
    name = f"{'uq' if unique else 'ix'}_listing_live_{'_'.join(columns)}"
    return Index(name, *columns, unique=unique, sqlite_where=LIVE, postgresql_where=LIVE)


class ListingRow(ValidRow, table=True):
    """What lists show of a line over a span of revisions: its highest version that is not withdrawn."""

    __tablename__ = "listing"
    __table_args__ = (
        CheckConstraint(STATUSES, name="status"),
        _live("line_id", unique=True),
        _live("fqn", unique=True),
        _live("name_key"),
        _live("display_key"),
        _live("prior", "fqn"),
        _live("product_fqn"),
        *map(past, ("line_id", "fqn", "product_fqn")),
    )

    number: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    line_id: str = Field(foreign_key="line.id", sa_type=Text)
    version_id: str = Field(foreign_key="version.id", sa_type=Text, index=True)
    fqn: str = Field(sa_type=SortedText)
    #: the fqn without a major, which a reading may name
    product_fqn: str = Field(sa_type=SortedText)
    namespace: str = Field(sa_type=PlainText)
    name: str = Field(sa_type=PlainText)
    major: int = Field(sa_type=BigInteger)
    version: str = Field(sa_type=Text)
    precedence: str = Field(sa_type=SortedText)
    status: str = Field(sa_type=Text)
    domain: str = Field(sa_type=PlainText)
    display_name: str = Field(sa_type=PlainText)
    description: str = Field(sa_type=PlainText)
    owner: str = Field(sa_type=PlainText)
    tags: Any = Field(sa_type=Texts, nullable=False)
    digest: str = Field(sa_type=Text)
    decision_id: str = Field(foreign_key="decision.id", sa_type=Text)
    accepted_at: datetime = Field(sa_type=Moment)
    name_key: str = Field(sa_type=SortedText)
    display_key: str = Field(sa_type=SortedText)
    #: lower stands first among equal matches
    prior: int


class PortRow(ValidRow, table=True):
    """One port of a version, in the order of the descriptor."""

    __tablename__ = "port"

    version_id: str = Field(primary_key=True, foreign_key="version.id", sa_type=Text)
    position: int = Field(primary_key=True)
    kind: str = Field(sa_type=Text)
    name: str = Field(sa_type=PlainText)
    fqn: str = Field(sa_type=PlainText)
    version: str = Field(sa_type=PlainText)
    display_name: str = Field(sa_type=PlainText)
    description: str = Field(sa_type=PlainText)
    platform: str = Field(sa_type=PlainText)
    services_type: str = Field(sa_type=PlainText)
    api_specification: str = Field(sa_type=PlainText)
    tags: Any = Field(sa_type=Texts, nullable=False)


class ColumnRow(ValidRow, table=True):
    """One column that the definition of a port names (`engine.model.Column`), in the order of ports and definitions."""

    __tablename__ = "port_column"

    version_id: str = Field(primary_key=True, foreign_key="version.id", sa_type=Text)
    position: int = Field(primary_key=True)
    port_kind: str = Field(sa_type=Text)
    port: str = Field(sa_type=PlainText)
    dataset: str = Field(sa_type=PlainText)
    path: str = Field(sa_type=PlainText)
    type: str = Field(sa_type=PlainText)
    nullable: bool
    description: str = Field(sa_type=PlainText)
    tags: Any = Field(sa_type=Texts, nullable=False)
    direction: str = Field(sa_type=Text)
    #: its tokens between spaces: what a query looks for in it
    words: str = Field(sa_type=Text)


class ReadingRow(ValidRow, table=True):
    """One thing that an input port of a version reads: a port of a line, or an external system."""

    __tablename__ = "reading"

    version_id: str = Field(primary_key=True, foreign_key="version.id", sa_type=Text)
    position: int = Field(primary_key=True)
    input_port: str = Field(sa_type=PlainText)
    target: str = Field(sa_type=PlainText)
    kind: str = Field(sa_type=Text)
    #: without the major, which stands beside it: None means the highest that offers the port
    product_fqn: str = Field(sa_type=SortedText, index=True)
    major: int | None = Field(default=None, sa_type=BigInteger, nullable=True)
    port_name: str = Field(sa_type=PlainText)
