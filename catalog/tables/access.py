"""Who may read which output port where, and how far is that brought about?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Float, Index, Integer, Text, text
from sqlmodel import Field

from catalog.tables.columns import NUMBER, JsonText, Moment, PlainText, SortedText
from catalog.tables.row import Row, ValidRow, past

NOW = text("until_revision IS NULL")
OPEN = text("until_revision IS NULL AND state IN ('requested', 'approved')")


class AccessRequestRow(ValidRow, table=True):
    """One request for access as it stood after a step by `principal` at `at`; an approved one is a grant."""

    __tablename__ = "access_request"
    __table_args__ = (
        CheckConstraint("state IN ('requested', 'approved', 'rejected', 'revoked', 'expired')", name="state"),
        CheckConstraint("state <> 'approved' OR approved_by <> ''", name="approved"),
        CheckConstraint("approved_by <> requested_by", name="two_people"),
        Index("uq_access_request_now", "id", unique=True, sqlite_where=NOW, postgresql_where=NOW),
        Index("ix_access_request_open", "ends", sqlite_where=OPEN, postgresql_where=OPEN),
        past("id"),
    )

    number: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    id: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    line_id: str = Field(foreign_key="line.id", sa_type=Text, index=True)
    product_id: str = Field(sa_type=Text)
    product: str = Field(sa_type=SortedText)
    major: int = Field(sa_type=BigInteger)
    #: the version that the policies judged the request against, and their decision
    version: str = Field(sa_type=Text)
    decision_id: str = Field(foreign_key="decision.id", sa_type=Text)
    port: str = Field(sa_type=PlainText)
    environment: str = Field(sa_type=PlainText)
    subject: str = Field(sa_type=PlainText)
    purpose: str = Field(sa_type=PlainText)
    #: the domain that had the product when the request was made
    domain: str = Field(sa_type=PlainText)
    requested_by: str = Field(sa_type=PlainText)
    requested_at: datetime = Field(sa_type=Moment)
    approved_by: str = Field(sa_type=PlainText)
    ends: datetime = Field(sa_type=Moment)
    #: why the last step was taken
    note: str = Field(sa_type=PlainText)
    principal: str = Field(sa_type=PlainText)
    at: datetime = Field(sa_type=Moment)


class AccessSetRow(Row, table=True):
    """Which set of grants a resource has, or is being given; no fact of the mesh, so it has no validity.

    The feed says who was let in when. `due_at` (seconds of the database's clock) is when it is looked at again: while
    somebody is at work on it, that is when their `claim` is over.
    """

    __tablename__ = "access_set"

    container_id: str = Field(primary_key=True, sa_type=Text)
    resource_id: str = Field(primary_key=True, sa_type=Text)
    state: str = Field(sa_type=Text)
    digest: str = Field(sa_type=Text)
    generation: int = Field(sa_type=Integer)
    #: the principals that are let in, as far as is known, and those that are being let in
    given: Any = Field(sa_type=JsonText, nullable=False)
    wanted: Any = Field(sa_type=JsonText, nullable=False)
    #: whether the resource was as it was made before its access was touched
    intact: bool
    operation: str = Field(sa_type=Text)
    tries: int = Field(sa_type=Integer)
    reason: str = Field(sa_type=PlainText)
    error_class: str = Field(sa_type=Text)
    claim: str = Field(sa_type=Text)
    due_at: float = Field(sa_type=Float(53), index=True)


class OrphanReportRow(Row, table=True):
    """What was found the last time that an environment was looked through; no fact of the mesh: adapters know it."""

    __tablename__ = "orphan_report"

    environment: str = Field(primary_key=True, sa_type=PlainText)
    at: datetime = Field(sa_type=Moment)
    #: seconds of the database's clock at which it is looked through again
    due_at: float = Field(sa_type=Float(53))
    orphans: Any = Field(sa_type=JsonText, nullable=False)
    missing: Any = Field(sa_type=JsonText, nullable=False)
    unknown: Any = Field(sa_type=JsonText, nullable=False)
