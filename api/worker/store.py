"""Through which connections does the durable engine reach the catalog's database?"""

from __future__ import annotations

from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine, make_url


def address_of(database_url: str) -> str:
    """The same address with the driver that we ship: PostgreSQL is always reached through psycopg 3."""
    url = make_url(database_url)
    if url.get_backend_name() in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    return url.render_as_string(hide_password=False)


def engine_of(url: str) -> Engine:
    """An engine of its own on the same database (provisioning §3.2.9).

    On SQLite the DBAPI connection begins every write with BEGIN IMMEDIATE and syncs fully; on PostgreSQL the pool
    checks connections before use.
    """
    if not url.startswith("sqlite"):
        made = create_engine(url, pool_pre_ping=True, pool_size=8, max_overflow=8)
        event.listen(made, "connect", _bounded)
        return made
    engine = create_engine(url)
    event.listen(engine, "connect", _settle)
    return engine


def _bounded(connection: Any, _record: object) -> None:
    """Let the server end a transaction in which a process was frozen, so that its locks stop nobody for ever."""
    connection.execute("SET idle_in_transaction_session_timeout = '30s'")
    connection.commit()


def _settle(connection: Any, _record: object) -> None:
    connection.isolation_level = "IMMEDIATE"
    for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
