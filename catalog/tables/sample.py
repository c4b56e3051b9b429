"""Who was shown which data, or was not?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Integer, Text
from sqlmodel import Field

from catalog.tables.columns import NUMBER, JsonText, Moment, PlainText, SortedText, Texts
from catalog.tables.row import ValidRow


class SampleRow(ValidRow, table=True):
    """One request for a sample and what came of it; append-only, and each is in the hash chain. It holds no data."""

    __tablename__ = "sample"
    __table_args__ = (CheckConstraint("outcome IN ('shown', 'denied', 'unavailable', 'exceeded')", name="outcome"),)

    number: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    id: str = Field(sa_type=Text, unique=True)
    at: datetime = Field(sa_type=Moment)
    principal: str = Field(sa_type=PlainText, index=True)
    roles: Any = Field(sa_type=Texts, nullable=False)
    purpose: str = Field(sa_type=PlainText)
    fqn: str = Field(sa_type=SortedText, index=True)
    version: str = Field(sa_type=Text)
    domain: str = Field(sa_type=PlainText)
    port: str = Field(sa_type=PlainText)
    dataset: str = Field(sa_type=PlainText)
    environment: str = Field(sa_type=PlainText)
    connector: str = Field(sa_type=PlainText)
    #: the columns whose values were shown as they are
    columns: Any = Field(sa_type=Texts, nullable=False)
    #: the columns that were masked, with how
    masked: Any = Field(sa_type=JsonText, nullable=False)
    rows: int = Field(sa_type=Integer)
    bytes: int = Field(sa_type=BigInteger)
    policy: str = Field(sa_type=Text)
    outcome: str = Field(sa_type=Text)
    #: why nothing was shown: a word of a closed set, and what is told to operators besides
    reason: str = Field(sa_type=PlainText)
    detail: str = Field(sa_type=PlainText)
