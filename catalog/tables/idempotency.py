"""Which answers are kept for requests that come twice?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Text
from sqlmodel import Field

from catalog.tables.columns import JsonText, Moment, PlainText
from catalog.tables.row import Row


class IdempotencyRow(Row, table=True):
    """One Idempotency-Key of a principal; no fact of the mesh, so it has no validity and is deleted when it expires."""

    __tablename__ = "idempotency"
    __table_args__ = (CheckConstraint("status IN ('running', 'done')", name="status"),)

    principal: str = Field(primary_key=True, sa_type=PlainText)
    key: str = Field(primary_key=True, sa_type=PlainText)
    request_digest: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    answer: Any = Field(default=None, sa_type=JsonText, nullable=True)
    #: a running request that did not end by then is taken to have died
    lease_until: datetime = Field(sa_type=Moment)
    expires: datetime = Field(sa_type=Moment, index=True)
