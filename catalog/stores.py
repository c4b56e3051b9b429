"""How are SQLite and PostgreSQL opened so that both keep what they acknowledged?"""

from __future__ import annotations

import selectors
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, InvalidatePoolError

from catalog.text.told import holds
from engine.errors import SettingsInvalid

#: set on connections whose transaction will write
WRITES = "catalog_writes"
BUSY_SECONDS = 30
#: a connection that was used this lately is not asked whether it still works: that would be one more round trip
LATELY_SECONDS = 1.0
#: KiB of pages that a large transaction keeps in memory
LOADING_CACHE = 256 * 1024


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
    connection.create_function("holds_words", -1, holds, deterministic=True)
    connection.isolation_level = None  # the driver begins nothing by itself; `_begun` does
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS * 1000}"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begun(connection: Connection) -> None:
    """Writers take the lock at once: a read that later turns into a write would fail under load."""
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get(WRITES) else "BEGIN")


@contextmanager
def unlogged(engine: Engine) -> Iterator[Connection]:
    """A connection for one large transaction. On SQLite it grows the file itself, undone from a small journal.

    The write-ahead log would hold every page a second time, and be searched for each that is read again. Where another
    process reads just now, it stays on.
    """
    if engine.dialect.name != "sqlite":
        with engine.connect() as connection:
            yield connection
        return
    engine.dispose()
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        _pragma(driver, "journal_mode=DELETE")
        _pragma(driver, f"cache_size=-{LOADING_CACHE}")
        try:
            yield connection
        finally:
            connection.rollback()
            _pragma(driver, "journal_mode=WAL")
            connection.invalidate()


def _pragma(driver: sqlite3.Connection, pragma: str) -> None:
    with suppress(sqlite3.OperationalError):  # somebody else has the file open
        driver.execute(f"PRAGMA {pragma}").close()


def _postgresql(url: URL) -> Engine:
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        pool_size=10,
        max_overflow=30,
        connect_args={"connect_timeout": 10},
    )
    event.listen(engine, "checkin", _given_back)
    event.listen(engine, "checkout", lambda connection, record, _: _taken(connection, record, engine.dialect))
    return engine


def _given_back(connection: Any, record: Any) -> None:
    record.info["used"] = monotonic()


def _taken(connection: Any, record: Any, dialect: Dialect) -> None:
    """Ask a connection that has lain idle, or that the server said something on, whether it still works.

    One that does not makes the pool forget every connection that is as old, and open a new one.
    """
    import psycopg

    used = record.info.get("used")
    if used is None or (monotonic() - used < LATELY_SECONDS and not _spoken_on(connection)):
        return
    try:
        dialect.do_ping(connection)
    except psycopg.Error as lost:
        raise InvalidatePoolError from lost


def _spoken_on(connection: Any) -> bool:
    """Whether anything waits to be read, such as word that the server ends this session, or the end itself."""
    if connection.closed:
        return True
    with selectors.DefaultSelector() as watched:
        watched.register(connection, selectors.EVENT_READ)
        return bool(watched.select(0))
