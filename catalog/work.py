"""How do several writes become one revision of the catalog, or none at all?"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import Connection, Executable, event, select, update
from sqlmodel import Session

from catalog.chain import Entries
from catalog.database import Database
from catalog.feed import Feed
from catalog.tables.order import HeadRow
from catalog.tables.row import ValidRow, table_of
from catalog.waiting import Rows, Waiting
from engine.model import Principal

if TYPE_CHECKING:
    from catalog.deployments import DeploymentBook

HEAD = table_of(HeadRow)
_READ_HEAD = select(HEAD.c.revision, HEAD.c.cursor, HEAD.c.chain_hash, HEAD.c.at).with_for_update()


class UnitOfWork:
    """One writing transaction: `with database.work(principal) as work: …; work.commit()`.

    Leaving without `commit` leaves nothing. All rows, feed entries and the chain link of one unit of work belong to
    one revision; the head row is locked from the first need of a revision until the end, so revisions are commit
    order (DESIGN §7). `at` is the moment that its rows bear: from the lock on it is never before that of the last
    revision, so that moments rise in commit order too. Rows that nobody reads at once are given to `write`.
    """

    def __init__(self, database: Database, principal: Principal, *, at: datetime | None = None) -> None:
        from catalog.decisions import DecisionLog
        from catalog.idempotency import IdempotencyKeys
        from catalog.versions import Versions

        self.database = database
        self.principal = principal
        self.at = at or datetime.now(UTC)
        self.changes = Feed(self)
        self.entries = Entries()
        self.decisions = DecisionLog(self)
        self.versions = Versions(self)
        self.idempotency = IdempotencyKeys(self)
        self._head: tuple[int, int, str] | None = None
        self._used = False
        self._waiting = Waiting()
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._connection = self._open.enter_context(self.database.writing())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)

    @property
    def connection(self) -> Connection:
        """The connection, with everything on it that was given to `write` before."""
        self._waiting.send(self._connection)
        return self._connection

    @cached_property
    def session(self) -> Session:
        """A session on the same connection."""
        session = self._open.enter_context(Session(self.connection, autoflush=False, expire_on_commit=False))
        event.listen(session, "before_flush", self._give_validity)
        return session

    def write(self, statement: Executable, rows: Rows | None = None) -> None:
        """Run this statement, whose result nobody needs, before the next read or the commit."""
        self._waiting.add(statement, rows)

    @cached_property
    def deployments(self) -> DeploymentBook:
        """The containers, deployments and resources of this unit of work."""
        from catalog.deployments import DeploymentBook

        return DeploymentBook(self)

    def head(self) -> int:
        """The catalog's last revision, which stays the last until this unit of work ends (call before re-checks)."""
        return self._locked()[0]

    @property
    def holds_head(self) -> bool:
        """Whether the head is locked already: then nobody else adds anything until this unit of work ends."""
        return self._head is not None

    @property
    def revision(self) -> int:
        """The revision that rows of this unit of work belong to; asking for it makes the commit a new revision."""
        self._used = True
        return self._locked()[0] + 1

    def commit(self) -> None:
        """Make everything last: rows, feed entries and the chain link, as one revision."""
        if "session" in self.__dict__:
            self._waiting.send(self._connection)
            self.session.flush()
        if self._used:
            self._close_revision()
        transaction = self.connection.get_transaction()
        assert transaction is not None, "commit is called once, inside the with block"
        transaction.commit()

    def _locked(self) -> tuple[int, int, str]:
        if self._head is None:
            row = self.connection.execute(_READ_HEAD).one()
            self._head = (row.revision, row.cursor, row.chain_hash)
            self.at = self.at if row.at is None else max(self.at, row.at)
        return self._head

    def _close_revision(self) -> None:
        last, cursor, previous = self._locked()
        cursor = self.changes.write(last + 1, cursor)
        link = self.entries.write(self, last + 1, previous)
        self.write(update(HEAD).values(revision=last + 1, cursor=cursor, chain_hash=link, at=self.at))

    def _give_validity(self, session: Any, context: Any, instances: Any) -> None:
        for row in session.new:
            if isinstance(row, ValidRow) and row.from_revision is None:
                row.from_revision = self.revision
