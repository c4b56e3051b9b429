"""How is a row inserted only if its key is free, on both stores?"""

from __future__ import annotations

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert


def insert_once(table: Table, dialect: str) -> Insert:
    """An insert that leaves a row with the same key as it is; with `returning` it then gives no row."""
    if dialect == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()
