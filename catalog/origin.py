"""Was this catalog made for benchmarks, and how is one made?"""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from catalog.database import Database
from catalog.tables.order import HeadRow
from catalog.tables.origin import OriginRow
from catalog.tables.row import table_of
from engine.errors import UsageError

ORIGIN, HEAD = table_of(OriginRow), table_of(HeadRow)
BENCHMARKS = "benchmarks"
SYNTHETIC = "synthetic"
"""The engine of decisions that no policy made; what it says beyond this word is its version."""


def for_benchmarks(connection: Connection) -> bool:
    """Whether this catalog was made for benchmarks."""
    return connection.execute(select(ORIGIN.c.kind)).scalar_one_or_none() == BENCHMARKS


def is_synthetic(engine: str | None) -> bool:
    """Whether a decision with this engine was made up."""
    return engine is not None and engine.partition(" ")[0] == SYNTHETIC


def mark_for_benchmarks(database: Database) -> None:
    """Make an empty catalog one for benchmarks, for good. Raises UsageError for a catalog that holds anything."""
    with database.writing() as connection:
        if connection.execute(select(HEAD.c.revision).with_for_update()).scalar_one() > 0:
            raise UsageError("This catalog holds a mesh already; make one for benchmarks in a place of its own.")
        if not for_benchmarks(connection):
            connection.execute(insert(ORIGIN), {"id": 1, "kind": BENCHMARKS})
        connection.commit()
