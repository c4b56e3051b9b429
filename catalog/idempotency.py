"""Was this request made before, and what was its answer?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, delete, select, update

from catalog.once import insert_once
from catalog.tables.idempotency import IdempotencyRow
from catalog.tables.row import table_of
from engine.errors import IdempotencyKeyInFlight, IdempotencyKeyReused, UsageError
from engine.model import Json

if TYPE_CHECKING:
    from catalog.work import UnitOfWork

KEPT = table_of(IdempotencyRow)
LONGEST_KEY = 255


class IdempotencyKeys:
    """The keys of the unit of work's principal. Claims and answers are no changes of the mesh: no new revision."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def claim(
        self, key: str, request_digest: str, *, lease: timedelta = timedelta(seconds=60), keep: timedelta = timedelta(1)
    ) -> Json:
        """None: the key is ours now, do the work. Otherwise the answer that was given to it.

        Raises `IdempotencyKeyReused` for another body and `IdempotencyKeyInFlight` while the first request runs; a
        request that has not ended when its lease is over is taken to have died, and its key can be claimed again.
        """
        if not 0 < len(key) <= LONGEST_KEY:
            raise UsageError(f"An Idempotency-Key has 1 to {LONGEST_KEY} characters.")
        work = self._work
        work.connection.execute(delete(KEPT).where(KEPT.c.expires <= work.at))
        row = {"principal": work.principal.id, "key": key, "request_digest": request_digest, "status": "running"}
        dates: dict[str, datetime] = {"lease_until": work.at + lease, "expires": work.at + keep}
        claimed = insert_once(KEPT, work.database.dialect).returning(KEPT.c.key)
        if work.connection.execute(claimed, {**row, **dates}).first() is not None:
            return None
        return self._answer(key, request_digest, dates)

    def finish(self, key: str, answer: Json) -> None:
        """Keep the answer of a claimed key, in the transaction of the work it answers."""
        self._work.write(update(KEPT).where(self._mine(key)).values(status="done", answer=answer))

    def release(self, key: str) -> None:
        """Give up a claimed key whose work failed without an answer worth keeping."""
        running = and_(self._mine(key), KEPT.c.status == "running")
        self._work.connection.execute(delete(KEPT).where(running))

    def _answer(self, key: str, request_digest: str, dates: dict[str, Any]) -> Json:
        row = self._work.connection.execute(select(KEPT).where(self._mine(key)).with_for_update()).one()
        if row.request_digest != request_digest:
            raise IdempotencyKeyReused(f"The Idempotency-Key {key!r} came with another body before.")
        if row.status == "done":
            return row.answer
        if row.lease_until > self._work.at:
            raise IdempotencyKeyInFlight(f"The first request with the Idempotency-Key {key!r} is still running.")
        self._work.connection.execute(update(KEPT).where(self._mine(key)).values(**dates))
        return None

    def _mine(self, key: str) -> ColumnElement[bool]:
        return and_(KEPT.c.principal == self._work.principal.id, KEPT.c.key == key)
