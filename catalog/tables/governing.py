"""Which exceptions are granted by the catalog: waivers that were asked for, and policies that are suspended?

Both change; each state is a row over a span of revisions (the one without `until_revision` holds now), so that every
earlier moment stays readable, and the newest `from_revision` says whether anything changed.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, Text, text
from sqlmodel import Field

from catalog.tables.columns import Moment, PlainText, SortedText
from catalog.tables.row import ValidRow

NUMBER = BigInteger().with_variant(Integer(), "sqlite")
NOW = text("until_revision IS NULL")


class WaiverRow(ValidRow, table=True):
    """One waiver as it stood after a step: requested, approved, rejected or revoked, by `principal` at `at`."""

    __tablename__ = "waiver"
    __table_args__ = (
        CheckConstraint("state IN ('requested', 'approved', 'rejected', 'revoked')", name="state"),
        CheckConstraint("state <> 'approved' OR approved_by <> ''", name="approved"),
        CheckConstraint("approved_by <> requested_by", name="two_people"),
        Index("uq_waiver_now", "id", unique=True, sqlite_where=NOW, postgresql_where=NOW),
    )

    number: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    id: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    policy: str = Field(sa_type=PlainText)
    code: str = Field(sa_type=PlainText)
    product: str = Field(sa_type=SortedText)
    component: str = Field(sa_type=PlainText)
    within: str = Field(sa_type=PlainText)
    reason: str = Field(sa_type=PlainText)
    ticket: str = Field(sa_type=PlainText)
    #: the domain of the product when the waiver was requested
    domain: str = Field(sa_type=PlainText)
    requested_by: str = Field(sa_type=PlainText)
    requested_at: datetime = Field(sa_type=Moment)
    approved_by: str = Field(sa_type=PlainText)
    begins: datetime = Field(sa_type=Moment)
    ends: datetime = Field(sa_type=Moment)
    #: why the last step was taken
    note: str = Field(sa_type=PlainText)
    principal: str = Field(sa_type=PlainText)
    at: datetime = Field(sa_type=Moment)
    from_revision: int = Field(default=None, sa_type=BigInteger, nullable=False, index=True)


class SuspensionRow(ValidRow, table=True):
    """The suspension of a policy as it stood after a step: `active`, or `lifted` before its end."""

    __tablename__ = "suspension"
    __table_args__ = (
        CheckConstraint("state IN ('active', 'lifted')", name="state"),
        Index("uq_suspension_now", "policy", unique=True, sqlite_where=NOW, postgresql_where=NOW),
    )

    number: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    policy: str = Field(sa_type=PlainText)
    state: str = Field(sa_type=Text)
    reason: str = Field(sa_type=PlainText)
    suspended_by: str = Field(sa_type=PlainText)
    begins: datetime = Field(sa_type=Moment)
    ends: datetime = Field(sa_type=Moment)
    principal: str = Field(sa_type=PlainText)
    at: datetime = Field(sa_type=Moment)
    from_revision: int = Field(default=None, sa_type=BigInteger, nullable=False, index=True)
