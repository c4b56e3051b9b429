"""What was measured of a product, by whom and when?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Float, Index, Text, UniqueConstraint
from sqlmodel import Field

from catalog.tables.columns import NUMBER, Moment, PlainText, SortedText
from catalog.tables.row import ValidRow

AMOUNT = Float(53)


class ObservationRow(ValidRow, table=True):
    """One measurement, which is never changed; `amount` is the value in the unit of its dimension.

    It is no part of the commit order (docs/decisions/0035): `from_revision` is the first revision that may know it.
    """

    __tablename__ = "observation"
    __table_args__ = (
        UniqueConstraint("principal", "id"),
        Index("ix_observation_line_id_observed_at", "line_id", "observed_at"),
    )

    #: rises in the order in which observations were taken
    number: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    id: str = Field(sa_type=SortedText)
    principal: str = Field(sa_type=PlainText)
    line_id: str = Field(foreign_key="line.id", sa_type=Text)
    domain: str = Field(sa_type=PlainText)
    #: the name of an output port; empty where it is of the product as a whole
    port: str = Field(sa_type=PlainText)
    indicator: str = Field(sa_type=PlainText)
    indicator_key: str = Field(sa_type=SortedText)
    #: as it was sent
    value: str = Field(sa_type=PlainText)
    amount: float = Field(sa_type=AMOUNT)
    dimension: str = Field(sa_type=Text)
    unit: str = Field(sa_type=PlainText)
    observed_at: datetime = Field(sa_type=Moment)
    #: the seconds before `observed_at` that it covers
    covers: float | None = Field(default=None, sa_type=AMOUNT, nullable=True)
    source: str = Field(sa_type=PlainText)
    digest: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Moment)
