"""Who is told of changes, at which address, and how far has each been told?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Float, Integer, Text
from sqlmodel import Field

from catalog.tables.columns import Moment, PlainText, Texts
from catalog.tables.row import Row

SECONDS = Float(53)


class SubscriptionRow(Row, table=True):
    """One subscription of a principal, whose rights its deliveries have.

    It is no fact of the mesh, so it has no validity. `cursor` is the last change that was delivered or passed over.
    Times without a time zone are seconds of the database's clock: senders on several machines need not agree on one.
    """

    __tablename__ = "subscription"
    __table_args__ = (CheckConstraint("state IN ('active', 'paused')", name="state"),)

    id: str = Field(primary_key=True, sa_type=Text)
    principal: str = Field(sa_type=PlainText)
    roles: Any = Field(sa_type=Texts, nullable=False)
    principal_domains: Any = Field(sa_type=Texts, nullable=False)
    url: str = Field(sa_type=PlainText)
    kinds: Any = Field(sa_type=Texts, nullable=False)
    domains: Any = Field(sa_type=Texts, nullable=False)
    products: Any = Field(sa_type=Texts, nullable=False)
    #: which key the secret comes from; the secret itself is nowhere in the database
    key_id: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    reason: str = Field(sa_type=PlainText)
    cursor: int = Field(sa_type=BigInteger)
    created_at: datetime = Field(sa_type=Moment)
    failures: int = Field(sa_type=Integer)
    failing_since: float | None = Field(default=None, sa_type=SECONDS, nullable=True)
    retry_at: float = Field(sa_type=SECONDS)
    sender: str = Field(sa_type=Text)
    lease_until: float = Field(sa_type=SECONDS)
