"""What do all rows have in common: names of constraints, and from which to which revision a row holds?"""

from __future__ import annotations

from typing import Any, ClassVar, cast

from sqlalchemy import BigInteger, Index, MetaData, Table, text
from sqlmodel import Field, SQLModel

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(SQLModel):
    """A row of the catalog: a shape without behaviour."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMES)


class ValidRow(Row):
    """A row that holds from the catalog revision that made it until the one that replaced it (None: still).

    The unit of work sets `from_revision` of rows added through its session.
    """

    from_revision: int = Field(default=None, sa_type=BigInteger, nullable=False)
    until_revision: int | None = Field(default=None, sa_type=BigInteger, nullable=True)


def past(column: str) -> Index:
    """The index by which the span that held at a revision is found by this column.

    Its condition always holds, and only reads of the past say it (`catalog.spans.at_revision`): reads of now are left
    to the indexes over what holds now, and never look through history.
    """
    always = text("from_revision > 0")
    return Index(None, column, "from_revision", sqlite_where=always, postgresql_where=always)


def table_of(row: type[Row]) -> Table:
    """The table behind a row class, for SQLAlchemy Core."""
    return cast(Table, cast(Any, row).__table__)
