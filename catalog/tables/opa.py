"""What do OPA servers tell of themselves: which bundle they hold, and what they decided?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field

from catalog.tables.columns import NUMBER, JsonText, Moment, PackedBytes, PlainText
from catalog.tables.row import Row


class OpaRow(Row, table=True):
    """The last status of one OPA server, by its `labels.id`: reports of others, no facts of the mesh."""

    __tablename__ = "opa"

    id: str = Field(primary_key=True, sa_type=PlainText)
    labels: Any = Field(sa_type=JsonText, nullable=False)
    revision: str = Field(sa_type=PlainText)
    activated: str = Field(sa_type=PlainText)
    requested: str = Field(sa_type=PlainText)
    code: str = Field(sa_type=PlainText)
    message: str = Field(sa_type=PlainText)
    errors: Any = Field(sa_type=JsonText, nullable=False)
    principal: str = Field(sa_type=PlainText)
    at: datetime = Field(sa_type=Moment, index=True)


class OpaDecisionRow(Row, table=True):
    """One entry of an OPA server's decision log, as it came, with what it masked; kept for a bounded time."""

    __tablename__ = "opa_decision"

    number: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    decision_id: str = Field(sa_type=PlainText, unique=True)
    opa: str = Field(sa_type=PlainText)
    revision: str = Field(sa_type=PlainText)
    path: str = Field(sa_type=PlainText)
    timestamp: str = Field(sa_type=PlainText)
    event: bytes = Field(sa_type=PackedBytes)
    principal: str = Field(sa_type=PlainText)
    at: datetime = Field(sa_type=Moment, index=True)
