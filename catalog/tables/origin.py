"""For what was this catalog made? Without a row: for a mesh."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Text
from sqlmodel import Field

from catalog.tables.row import Row


class OriginRow(Row, table=True):
    """The mark of a catalog that was made for benchmarks: only such a one takes in synthetic records."""

    __tablename__ = "origin"
    __table_args__ = (CheckConstraint("id = 1", name="single"), CheckConstraint("kind = 'benchmarks'", name="kind"))

    id: int = Field(primary_key=True)
    kind: str = Field(sa_type=Text)
