"""How are SQLite and PostgreSQL opened so that both keep what they acknowledged?"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from engine.errors import SettingsInvalid

#: set on connections whose transaction will write
WRITES = "catalog_writes"
BUSY_SECONDS = 30


def opened(address: str) -> Engine:
    """An engine for `sqlite:///PATH`, `postgresql://…` or `postgresql+psycopg://…`; `SettingsInvalid` otherwise.

    Nothing is connected yet.
    """
    try:
        url = make_url(address)
    except ArgumentError as wrong:
        raise SettingsInvalid("database_url cannot be read; give sqlite:///PATH or postgresql://…") from wrong
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    if url.get_backend_name() in ("postgresql", "postgres"):
        return _postgresql(url)
    raise SettingsInvalid(f"database_url names {url.drivername}; the catalog lives in sqlite or postgresql")


def _sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise SettingsInvalid("database_url: SQLite needs a file, sqlite:///PATH")
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_SECONDS},
        pool_size=10,
        max_overflow=40,
        hide_parameters=True,  # errors reach logs, and logs hold no descriptors
    )
    event.listen(engine, "connect", _prepared)
    event.listen(engine, "begin", _begun)
    return engine


def _prepared(connection: sqlite3.Connection, record: Any) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself; `_begun` does
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS * 1000}"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begun(connection: Connection) -> None:
    """Writers take the lock at once: a read that later turns into a write would fail under load."""
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get(WRITES) else "BEGIN")


def _postgresql(url: URL) -> Engine:
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        hide_parameters=True,
        pool_size=10,
        max_overflow=30,
        connect_args={"connect_timeout": 10},
    )
