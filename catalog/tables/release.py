"""Which bundles were released, and which of them is in force?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, Text, text
from sqlmodel import Field

from catalog.tables.columns import NUMBER, Moment, PlainText
from catalog.tables.row import ValidRow

_NOW = text("until_revision IS NULL")


class BundleReleaseRow(ValidRow, table=True):
    """One released bundle, byte for byte; it never changes. `digest` is the SHA-256 of the bytes and in the chain."""

    __tablename__ = "bundle_release"

    number: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    revision: str = Field(sa_type=Text, index=True)
    assignments_digest: str = Field(sa_type=Text)
    waivers_digest: str = Field(sa_type=Text)
    digest: str = Field(sa_type=Text, unique=True)
    released: datetime = Field(sa_type=Moment)
    key_id: str = Field(sa_type=PlainText)
    policies: int = Field(sa_type=Integer)
    content: bytes = Field(sa_type=LargeBinary)
    principal: str = Field(sa_type=PlainText)
    at: datetime = Field(sa_type=Moment)


class ActiveReleaseRow(ValidRow, table=True):
    """Since which revision of the catalog which release was in force, by whom and why; one row holds now."""

    __tablename__ = "active_release"
    __table_args__ = (Index("one_active_release", "bundle", unique=True, sqlite_where=_NOW, postgresql_where=_NOW),)

    position: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    bundle: str = Field(sa_type=Text)
    release_number: int = Field(sa_type=BigInteger, foreign_key="bundle_release.number")
    reason: str = Field(sa_type=PlainText)
    principal: str = Field(sa_type=PlainText)
    at: datetime = Field(sa_type=Moment)
