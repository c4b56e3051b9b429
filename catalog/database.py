"""Where does the catalog live, is its schema the right one, and who reads or writes there?"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from catalog import deadline, stores
from catalog.faults import translated
from catalog.migrations import head_revision, revisions
from engine.errors import CatalogBehind, CatalogUnavailable
from engine.model import Principal

if TYPE_CHECKING:
    from catalog.work import UnitOfWork


class Database:
    """The catalog's store; making one connects to nothing. `bind` is the SQLAlchemy engine."""

    def __init__(self, url: str) -> None:
        self.bind = stores.opened(url)
        self.dialect = self.bind.dialect.name
        self._writers = self.bind.execution_options(**{stores.WRITES: True})
        # A reader on PostgreSQL needs no transaction: each statement sees what was committed when it started.
        single = {"isolation_level": "AUTOCOMMIT"} if self.dialect == "postgresql" else {}
        self._readers = self.bind.execution_options(**single)
        # SQLite has one writer at a time: waiting here is fair, its own busy handler sleeps and is not.
        self._turn = threading.Lock() if self.dialect == "sqlite" else None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reads; `CatalogUnavailable`, `CatalogBehind` or `QueryTimeout` when they are not served."""
        with translated(), self._readers.connect() as connection, deadline.kept(connection):
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """As `reading`, with every statement seeing the store as it was at the first one."""
        if self.dialect == "sqlite":  # a reading transaction there sees one state anyway
            with self.reading() as connection:
                yield connection
            return
        frozen = self.bind.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with translated(), frozen.connect() as connection, deadline.kept(connection):
            yield connection
            # psycopg forgets at a rollback which statements it has prepared on this connection
            connection.commit()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection in a writing transaction, rolled back unless its transaction was committed inside."""
        with self._my_turn(), translated(), self._writers.connect() as connection, connection.begin() as transaction:
            yield connection
            if transaction.is_active:
                transaction.rollback()

    @contextmanager
    def loading(self) -> Iterator[Connection]:
        """As `writing`, for one transaction of very many rows; readers on SQLite wait until it ends."""
        with self._my_turn(), translated(), stores.unlogged(self._writers) as connection, connection.begin() as whole:
            yield connection
            if whole.is_active:
                whole.rollback()

    def work(self, principal: Principal, *, at: datetime | None = None) -> UnitOfWork:
        """A unit of work of this principal at this moment (now when None)."""
        from catalog.work import UnitOfWork

        return UnitOfWork(self, principal, at=at)

    def upgrade(self) -> None:
        """Bring the schema to what this meshgate needs; safe to call from several processes at once.

        Raises `CatalogUnavailable` for a schema of a newer meshgate.
        """
        found = self._revisions()
        if found == [head_revision()]:
            return
        if not set(found) <= set(revisions()):
            raise CatalogUnavailable(f"The catalog was made by a newer meshgate (schema {', '.join(found)}).")
        from catalog.migrations.run import upgraded
        from catalog.text.rebuilt import rebuilt

        with self._my_turn(), translated(), self._writers.begin() as connection:
            if self.dialect == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(7305441)"))
            upgraded(connection)
            rebuilt(connection)

    def at_head(self) -> bool:
        """Whether the schema is the one this meshgate needs; `CatalogUnavailable` when nothing can be asked."""
        return self._revisions() == [head_revision()]

    def ready(self) -> None:
        """Upgrade on SQLite; on PostgreSQL raise `CatalogBehind` when an operator has to."""
        if self.dialect == "sqlite":
            self.upgrade()
        elif not self.at_head():
            raise CatalogBehind("The catalog's PostgreSQL schema is not at the revision of this meshgate.")

    def close(self) -> None:
        self.bind.dispose()

    def _revisions(self) -> list[str]:
        with self.reading() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return []
            return list(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        if not self._turn.acquire(timeout=stores.BUSY_SECONDS):
            raise CatalogUnavailable("Another write to the catalog did not end in time.")
        try:
            yield
        finally:
            self._turn.release()
