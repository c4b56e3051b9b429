"""Which needs did consumers save, which products fit them, and how far has each been followed?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Float, Index, Integer, Text, text
from sqlmodel import Field

from catalog.tables.columns import NUMBER, JsonText, Moment, PlainText, SortedText, Texts
from catalog.tables.row import Row, ValidRow

LIVE = text("until_revision IS NULL")
SECONDS = Float(53)


class RequirementRow(ValidRow, table=True):
    """A saved requirement over a span of revisions; it is asked with the rights that its owner had when saving it."""

    __tablename__ = "requirement"
    __table_args__ = (
        Index("uq_requirement_live_id", "id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        Index("uq_requirement_live_name", "principal", "name", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
    )

    number: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    id: str = Field(sa_type=Text)
    name: str = Field(sa_type=SortedText)
    principal: str = Field(sa_type=PlainText)
    roles: Any = Field(sa_type=Texts, nullable=False)
    principal_domains: Any = Field(sa_type=Texts, nullable=False)
    rego: str = Field(sa_type=Text)
    parameters: Any = Field(sa_type=JsonText, nullable=False)
    #: the line that is searched for
    query: str = Field(sa_type=PlainText)
    package: str = Field(sa_type=Text)
    digest: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Moment)


class RequirementStandingRow(ValidRow, table=True):
    """Whether one product fits a saved requirement, over a span of revisions."""

    __tablename__ = "requirement_standing"
    __table_args__ = (
        CheckConstraint("verdict IN ('fit', 'unfit')", name="verdict"),
        Index(
            "uq_requirement_standing_live",
            "requirement_id",
            "line_id",
            unique=True,
            sqlite_where=LIVE,
            postgresql_where=LIVE,
        ),
    )

    number: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    requirement_id: str = Field(sa_type=Text)
    line_id: str = Field(foreign_key="line.id", sa_type=Text)
    version_id: str = Field(foreign_key="version.id", sa_type=Text)
    fqn: str = Field(sa_type=SortedText)
    version: str = Field(sa_type=Text)
    domain: str = Field(sa_type=PlainText)
    verdict: str = Field(sa_type=Text)
    #: the first few reasons, and how many there are
    reasons: Any = Field(sa_type=JsonText, nullable=False)
    reason_count: int = Field(sa_type=Integer)
    at: datetime = Field(sa_type=Moment)
    #: the day on which it was asked last; moving it is no news and makes no revision
    asked_on: str = Field(sa_type=Text)


class RequirementWatchRow(Row, table=True):
    """How far a saved requirement has followed the feed, and who is at it; no fact of the mesh, so without validity.

    `cursor` is -1 until it was asked for the first time. Times are seconds of the database's clock.
    """

    __tablename__ = "requirement_watch"

    requirement_id: str = Field(primary_key=True, sa_type=Text)
    cursor: int = Field(sa_type=BigInteger)
    #: the day up to which every product was asked
    day: str = Field(sa_type=Text)
    holder: str = Field(sa_type=Text)
    lease_until: float = Field(sa_type=SECONDS)
    retry_at: float = Field(sa_type=SECONDS)
    #: why it was not followed the last time; empty when it was
    reason: str = Field(sa_type=PlainText)
