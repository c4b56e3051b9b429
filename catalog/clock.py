"""What time is it by the database's own clock? Processes on several machines need not agree on the time."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Float, literal_column

SECONDS = {
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400.0 AS REAL)",
    "postgresql": "EXTRACT(epoch FROM now())",
}
"""SQL for the seconds since 1970, by dialect."""


def seconds(dialect: str) -> ColumnElement[float]:
    """The same as an expression."""
    return literal_column(f"CAST({SECONDS[dialect]} AS DOUBLE PRECISION)", Float(53))
