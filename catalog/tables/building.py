"""What was built of each version, who is at it, and how far are those who deploy whatever is accepted?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Integer, Text
from sqlmodel import Field

from catalog.tables.columns import JsonText, Moment, PlainText
from catalog.tables.row import Row, ValidRow


class BuildRow(ValidRow, table=True):
    """One thing that was built of a version, which is named by the digest of its descriptor; it never changes."""

    __tablename__ = "build"

    digest: str = Field(primary_key=True, sa_type=Text)
    fqn: str = Field(primary_key=True, sa_type=PlainText)
    version_id: str = Field(foreign_key="version.id", sa_type=Text, index=True)
    position: int = Field(sa_type=Integer)
    adapter: str = Field(sa_type=Text)
    outputs: Any = Field(sa_type=JsonText, nullable=False)
    artifacts: Any = Field(sa_type=JsonText, nullable=False)
    deployment_id: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Moment)


class BuildClaimRow(Row, table=True):
    """Which deployment builds a version, and where it is; no fact of the mesh, so it has no validity."""

    __tablename__ = "build_claim"

    digest: str = Field(primary_key=True, sa_type=Text)
    deployment_id: str = Field(sa_type=Text, index=True)
    fqn: str = Field(sa_type=PlainText)
    tries: int = Field(sa_type=Integer)
    operation: str = Field(sa_type=Text)
    since: datetime = Field(sa_type=Moment)


class FollowerRow(Row, table=True):
    """The last change of the feed that an environment with `on_accept: deploy` has seen; no fact of the mesh."""

    __tablename__ = "follower"

    environment: str = Field(primary_key=True, sa_type=PlainText)
    cursor: int = Field(sa_type=BigInteger)
