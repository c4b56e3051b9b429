"""How does a request that comes twice have its effect once, and the same answer both times?

The answer is kept in the transaction of the effect itself, so that no crash can part them (DESIGN §6,
Idempotency-Key).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from engine.errors import GovernanceError
from engine.model import Json, Principal

if TYPE_CHECKING:
    from catalog.database import Database
    from catalog.work import UnitOfWork

Result = TypeVar("Result")
Kept = TypeVar("Kept", contravariant=True)


class Beside(Protocol[Kept]):
    """What is written with the work that it belongs to, in one transaction; what `keep` raises ends the work."""

    def keep(self, work: UnitOfWork, result: Kept) -> None: ...
    def committed(self) -> None: ...


def commit(work: UnitOfWork, result: Result | GovernanceError, once: Beside[Result | GovernanceError] | None) -> None:
    """Commit the work, and in the same transaction the answer that a second request under its key gets."""
    if once is not None:
        once.keep(work, result)
    work.commit()
    if once is not None:
        once.committed()


class Once(Generic[Result]):
    """One request under a key: claimed before the work, answered with it.

    `told` writes an answer as data, or gives None for an answer not worth keeping ("not now"): then the key is let go.
    """

    def __init__(
        self,
        key: str,
        request_digest: str,
        *,
        principal: Principal,
        told: Callable[[Result | GovernanceError], Json | None],
    ) -> None:
        self._key, self._digest, self._principal, self._told = key, request_digest, principal, told
        self._written = self._lasts = False

    def claim(self, database: Database) -> Json | None:
        """The answer that was kept, or None when the work is to be done now.

        Raises IdempotencyKeyReused, IdempotencyKeyInFlight or UsageError.
        """
        with database.work(self._principal) as work:
            kept: Json | None = work.idempotency.claim(self._key, self._digest)
            work.commit()
        return kept

    def keep(self, work: UnitOfWork, result: Result | GovernanceError) -> None:
        """Keep the answer with the work that it answers; it lasts when `work` is committed."""
        answer = self._told(result)
        if answer is not None:
            work.idempotency.finish(self._key, answer)
            self._written = True

    def committed(self) -> None:
        """Say that the work which `keep` was called with is committed."""
        self._lasts = self._written

    def close(self, database: Database, result: Result | GovernanceError | None) -> None:
        """Keep an answer that changed nothing; without one, let go of the key so that the next try may work."""
        if self._lasts:
            return
        with database.work(self._principal) as work:
            self._written = False
            if result is not None:
                self.keep(work, result)
            if not self._written:
                work.idempotency.release(self._key)
            work.commit()
