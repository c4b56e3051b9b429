"""What happened to a deployment, and when is a container looked at? No facts of the mesh, so without validity."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, Integer, Text
from sqlmodel import Field

from catalog.tables.columns import JsonText, Moment, PlainText
from catalog.tables.row import Row

SECONDS = Float(53)


class EventRow(Row, table=True):
    """One thing that happened to a deployment; never changed. `sequence` counts from 1, without a gap.

    `state` is what the deployment, or its `resource` (an fqn), came to; empty where neither did.
    """

    __tablename__ = "deployment_event"

    deployment_id: str = Field(primary_key=True, sa_type=PlainText)
    sequence: int = Field(primary_key=True, sa_type=Integer)
    at: datetime = Field(sa_type=Moment)
    kind: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    resource: str = Field(sa_type=PlainText)
    reason: str = Field(sa_type=PlainText)
    error_class: str = Field(sa_type=Text)
    details: Any = Field(sa_type=JsonText, nullable=False)


class LookRow(Row, table=True):
    """When a container was observed, when it is observed next and by whom. Times are seconds of the database's clock.

    `asks` counts who wanted it to be looked at, `answered` up to which of them was looked, `missed` the looks in a row
    that were not sure of everything. `repairs` counts those of the UTC day `repair_day`; the next one is not before
    `repair_at`. `unrepaired` says why what drifted was not repaired.
    """

    __tablename__ = "container_look"

    container_id: str = Field(primary_key=True, sa_type=Text)
    environment: str = Field(sa_type=PlainText)
    look_at: float = Field(sa_type=SECONDS, index=True)
    holder: str = Field(sa_type=Text)
    lease_until: float = Field(sa_type=SECONDS)
    observed_at: float | None = Field(default=None, sa_type=SECONDS, nullable=True)
    asks: int = Field(sa_type=Integer)
    answered: int = Field(sa_type=Integer)
    missed: int = Field(sa_type=Integer)
    repair_day: str = Field(sa_type=Text)
    repairs: int = Field(sa_type=Integer)
    repair_at: float = Field(sa_type=SECONDS)
    unrepaired: str = Field(sa_type=PlainText)
