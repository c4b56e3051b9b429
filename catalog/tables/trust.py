"""How far may every product be trusted, and which scores are to be computed again?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Float, Index, Text, text
from sqlmodel import Field

from catalog.tables.columns import NUMBER, JsonText, Moment, PlainText
from catalog.tables.row import Row, ValidRow

LIVE = text("until_revision IS NULL")
VALUE = Float(53)


class TrustRow(ValidRow, table=True):
    """The score of a line over a span of revisions; computing it again with equal terms moves only its moments.

    `value` is null where the formula did not give one; then `reason` says why.
    """

    __tablename__ = "trust"
    __table_args__ = (
        Index("uq_trust_live", "line_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        Index("ix_trust_live_value", "value", sqlite_where=LIVE, postgresql_where=LIVE),
    )

    number: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    line_id: str = Field(foreign_key="line.id", sa_type=Text)
    domain: str = Field(sa_type=PlainText)
    version: str = Field(sa_type=Text)
    value: float | None = Field(default=None, sa_type=VALUE, nullable=True)
    grade: str = Field(sa_type=PlainText)
    reason: str = Field(sa_type=PlainText)
    #: [{name, weight, value, evidence: [{kind, ref}], as_of, note}]
    terms: Any = Field(sa_type=JsonText, nullable=False)
    formula: str = Field(sa_type=PlainText)
    formula_revision: str = Field(sa_type=Text)
    #: what the facts were read at: the catalog's revision and the last observation
    seen_revision: int = Field(sa_type=BigInteger)
    seen_observation: int = Field(sa_type=BigInteger)
    since: datetime = Field(sa_type=Moment)
    computed_at: datetime = Field(sa_type=Moment)


class TrustDueRow(Row, table=True):
    """A line whose score is to be computed again; it may stand here several times."""

    __tablename__ = "trust_due"

    number: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    line_id: str = Field(sa_type=Text)


class TrustWatchRow(Row, table=True):
    """Until where it was looked what makes scores due: which change, which day, which formula."""

    __tablename__ = "trust_watch"

    id: int = Field(primary_key=True)
    cursor: int = Field(sa_type=BigInteger)
    day: str = Field(sa_type=Text)
    formula_revision: str = Field(sa_type=Text)
