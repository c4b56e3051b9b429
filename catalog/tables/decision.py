"""How is a decision kept for ever, while what it saw can be erased?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, Index, Text
from sqlmodel import Field

from catalog.tables.columns import Moment, PackedBytes, PlainText, SortedText
from catalog.tables.row import ValidRow


class PayloadRow(ValidRow, table=True):
    """What policies saw, once for each digest; erased content leaves the row as its tombstone."""

    __tablename__ = "payload"

    digest: str = Field(primary_key=True, sa_type=Text)
    content: bytes | None = Field(default=None, sa_type=PackedBytes, nullable=True)
    erased_at: datetime | None = Field(default=None, sa_type=Moment, nullable=True)


class DecisionRow(ValidRow, table=True):
    """One decision, append-only; `record` is its entry of the report (DESIGN §5), `record_digest` is in the chain."""

    __tablename__ = "decision"
    __table_args__ = (
        CheckConstraint("outcome IN ('accepted', 'rejected', 'undecided')", name="outcome"),
        Index("ix_decision_from_revision_id", "from_revision", "id"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    outcome: str = Field(sa_type=Text)
    provisional: bool = Field(sa_type=Boolean)
    event: str = Field(sa_type=Text)
    environment: str | None = Field(default=None, sa_type=Text, nullable=True)
    fqn: str = Field(default="", sa_type=SortedText, index=True)
    version: str = Field(default="", sa_type=PlainText)
    domain: str = Field(default="", sa_type=PlainText)
    moment: datetime = Field(sa_type=Moment)
    engine: str | None = Field(default=None, sa_type=Text, nullable=True)
    bundle_revision: str | None = Field(default=None, sa_type=Text, nullable=True)
    assignments_digest: str | None = Field(default=None, sa_type=Text, nullable=True)
    waivers_digest: str | None = Field(default=None, sa_type=Text, nullable=True)
    input_digest: str | None = Field(default=None, sa_type=Text, nullable=True, foreign_key="payload.digest")
    record: bytes | None = Field(default=None, sa_type=PackedBytes, nullable=True)
    record_digest: str = Field(sa_type=Text)
    principal: str = Field(sa_type=PlainText)
    at: datetime = Field(sa_type=Moment)
