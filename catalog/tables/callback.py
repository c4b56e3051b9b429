"""Where may the platforms of adapters call back, and what came already?

Neither is a fact of the mesh, so neither has validity: both are forgotten once their time is over. Times are seconds of
the database's clock.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Float, Integer, Text
from sqlmodel import Field

from catalog.tables.columns import JsonText, PlainText
from catalog.tables.row import Row


class CallbackRow(Row, table=True):
    """One address that was given out, by the hash of what makes it unguessable.

    `secret` is the reference of what callbacks are signed with; empty where they are not signed. `told` is the content
    of the first callback that told an end without a signature.
    """

    __tablename__ = "callback"

    token_hash: str = Field(primary_key=True, sa_type=Text)
    deployment_id: str = Field(sa_type=Text)
    resource_id: str = Field(sa_type=Text, index=True)
    generation: int = Field(sa_type=Integer)
    secret: str = Field(sa_type=PlainText)
    told: Any = Field(default=None, sa_type=JsonText, nullable=True)
    expires_at: float = Field(sa_type=Float(53), index=True)


class CallbackSeenRow(Row, table=True):
    """One message that came, so that it is heard once however often it is sent."""

    __tablename__ = "callback_seen"

    token_hash: str = Field(primary_key=True, sa_type=Text)
    message_hash: str = Field(primary_key=True, sa_type=Text)
    expires_at: float = Field(sa_type=Float(53), index=True)
