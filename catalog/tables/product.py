"""Which products and lines exist, which versions were accepted, and what is each version's standing?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, UniqueConstraint, text
from sqlmodel import Field

from catalog.tables.columns import Moment, PackedBytes, PlainText, SortedText
from catalog.tables.row import ValidRow, past

STATUSES = "status IN ('active', 'deprecated', 'withdrawn')"


class ProductRow(ValidRow, table=True):
    """Everything with the same namespace and name, all majors."""

    __tablename__ = "product"
    __table_args__ = (UniqueConstraint("namespace", "name"),)

    id: str = Field(primary_key=True, sa_type=Text)
    namespace: str = Field(sa_type=PlainText)
    name: str = Field(sa_type=PlainText)


class LineRow(ValidRow, table=True):
    """One major of a product; `accepted_at` is when its first version was accepted."""

    __tablename__ = "line"
    __table_args__ = (UniqueConstraint("product_id", "major"),)

    id: str = Field(primary_key=True, sa_type=Text)
    product_id: str = Field(foreign_key="product.id", sa_type=Text)
    major: int = Field(sa_type=BigInteger)
    fqn: str = Field(sa_type=SortedText, unique=True)
    odm_id: str = Field(sa_type=Text, index=True)
    accepted_at: datetime = Field(sa_type=Moment)


class VersionRow(ValidRow, table=True):
    """One accepted descriptor; it never changes, and never is without the decision that accepted it."""

    __tablename__ = "version"
    __table_args__ = (UniqueConstraint("product_id", "plain_version"), Index(None, "from_revision"))

    id: str = Field(primary_key=True, sa_type=Text)
    product_id: str = Field(foreign_key="product.id", sa_type=Text)
    line_id: str = Field(foreign_key="line.id", sa_type=Text, index=True)
    version: str = Field(sa_type=Text)
    #: without build metadata: versions that differ only there conflict (DESIGN §3.4)
    plain_version: str = Field(sa_type=Text)
    precedence: str = Field(sa_type=SortedText)
    domain: str = Field(sa_type=PlainText)
    digest: str = Field(sa_type=Text)
    effective: bytes = Field(sa_type=PackedBytes)
    root: str = Field(sa_type=PlainText)
    decision_id: str = Field(foreign_key="decision.id", sa_type=Text, nullable=False)
    submitted_by: str = Field(sa_type=PlainText)
    accepted_at: datetime = Field(sa_type=Moment)


class VersionStatusRow(ValidRow, table=True):
    """The status of a version over a span of revisions."""

    __tablename__ = "version_status"
    __table_args__ = (
        CheckConstraint(STATUSES, name="status"),
        Index(
            "uq_version_status_live",
            "version_id",
            unique=True,
            sqlite_where=text("until_revision IS NULL"),
            postgresql_where=text("until_revision IS NULL"),
        ),
        past("version_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    version_id: str = Field(foreign_key="version.id", sa_type=Text)
    status: str = Field(sa_type=Text)
    reason: str = Field(default="", sa_type=PlainText)
    sunset: datetime | None = Field(default=None, sa_type=Moment, nullable=True)
    successor: str = Field(default="", sa_type=PlainText)
    principal: str = Field(sa_type=PlainText)
    at: datetime = Field(sa_type=Moment)


class PartRow(ValidRow, table=True):
    """One submitted file, byte for byte."""

    __tablename__ = "part"

    version_id: str = Field(primary_key=True, foreign_key="version.id", sa_type=Text)
    position: int = Field(primary_key=True)
    path: str = Field(sa_type=PlainText)
    content: bytes = Field(sa_type=PackedBytes)
    digest: str = Field(sa_type=Text)
