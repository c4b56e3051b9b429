"""How does every product stand now, which work is left to find out, and which answers were kept on the way?

Claims, counts and answers are no history: they have no revisions.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, Text, text
from sqlmodel import Field

from catalog.tables.columns import JsonText, Moment, PackedBytes, PlainText, SortedText
from catalog.tables.row import Row, ValidRow, past

LIVE = text("until_revision IS NULL")


class StandingRow(ValidRow, table=True):
    """How a line stood over a span of revisions; what confirms it is written into the span, and begins no other."""

    __tablename__ = "standing"
    __table_args__ = (
        CheckConstraint("state IN ('compliant', 'non_compliant', 'undecided')", name="state"),
        Index("uq_standing_live", "line_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        Index("ix_standing_live_state", "state", sqlite_where=LIVE, postgresql_where=LIVE),
        past("line_id"),
        Index(None, "from_revision"),
        Index(None, "until_revision"),
    )

    number: int | None = Field(default=None, primary_key=True, sa_type=BigInteger().with_variant(Integer(), "sqlite"))
    line_id: str = Field(foreign_key="line.id", sa_type=Text)
    version_id: str = Field(foreign_key="version.id", sa_type=Text)
    version: str = Field(sa_type=Text)
    domain: str = Field(sa_type=PlainText)
    state: str = Field(sa_type=Text)
    decision_id: str = Field(foreign_key="decision.id", sa_type=Text)
    decided_at: datetime = Field(sa_type=Moment)
    #: what the decision says, as `engine.report.said` tells it
    said: Any = Field(sa_type=JsonText, nullable=False)
    rescan_id: str = Field(foreign_key="rescan.id", sa_type=Text)
    confirmed_at: datetime = Field(sa_type=Moment)
    #: the feed's cursor when the neighbours were read last
    cursor: int = Field(sa_type=BigInteger)


class RescanRow(Row, table=True):
    """One rescan: why, of what, by which rules; `basis` is what they were (`engine.policy.stale`)."""

    __tablename__ = "rescan"
    __table_args__ = (CheckConstraint("scope IN ('all', 'neighbours')", name="scope"),)

    id: str = Field(primary_key=True, sa_type=Text)
    #: rises in the order in which rescans were opened
    number: int = Field(sa_type=BigInteger, unique=True)
    scope: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    bundle_revision: str = Field(sa_type=Text)
    assignments_digest: str = Field(sa_type=Text)
    waivers_digest: str = Field(sa_type=Text)
    engine: str = Field(sa_type=Text)
    basis: Any = Field(sa_type=JsonText, nullable=False)
    day: str = Field(sa_type=Text)
    cursor: int = Field(sa_type=BigInteger)
    products: int
    principal: str = Field(sa_type=PlainText)
    opened_at: datetime = Field(sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment, nullable=True)
    superseded_at: datetime | None = Field(default=None, sa_type=Moment, nullable=True)


class BatchRow(Row, table=True):
    """Some lines of a rescan, decided by one worker and written by one transaction."""

    __tablename__ = "rescan_batch"

    rescan_id: str = Field(primary_key=True, foreign_key="rescan.id", sa_type=Text)
    number: int = Field(primary_key=True, sa_type=BigInteger)
    lines: Any = Field(sa_type=JsonText, nullable=False)
    claimed_by: str = Field(default="", sa_type=Text)
    claimed_until: datetime | None = Field(default=None, sa_type=Moment, nullable=True)
    done_at: datetime | None = Field(default=None, sa_type=Moment, nullable=True)
    confirmed: int = 0
    decided: int = 0
    changed: int = 0


class AnswerRow(Row, table=True):
    """The findings of one policy under the key of everything that they depend on (DESIGN §4, Reuse)."""

    __tablename__ = "answer"

    key: str = Field(primary_key=True, sa_type=SortedText)
    findings: bytes = Field(sa_type=PackedBytes)
    #: the day on which it was kept or used last, for forgetting
    used_on: str = Field(sa_type=SortedText, index=True)
