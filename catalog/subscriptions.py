"""Who wants to be told of changes, how far has each been told, and who tells it now?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Float, Update, case, delete, func, insert, literal, select, update

from catalog import clock
from catalog.database import Database
from catalog.shown import Subscription
from catalog.tables.order import HeadRow
from catalog.tables.row import table_of
from catalog.tables.subscription import SubscriptionRow

SUBSCRIPTION, HEAD = table_of(SubscriptionRow), table_of(HeadRow)
ACTIVE, PAUSED = "active", "paused"
_COLUMNS = tuple(SUBSCRIPTION.c[name] for name in Subscription._fields)
_WELL = {"failures": 0, "failing_since": None, "retry_at": 0.0, "reason": ""}


class Subscriptions:
    """The subscriptions and their cursors. Telling changes nothing of the mesh, so nothing here makes a revision."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._now = clock.seconds(database.dialect)

    # --- what people ask for ----------------------------------------------------------------------------------------

    def add(self, subscription: Subscription) -> None:
        """Keep a new subscription; what comes after its cursor is told."""
        row = {**subscription._asdict(), **_WELL, "sender": "", "lease_until": 0.0}
        with self._database.writing() as connection:
            connection.execute(insert(SUBSCRIPTION), row)
            connection.commit()

    def listed(self, owner: str | None = None) -> tuple[Subscription, ...]:
        """The subscriptions of a principal (None: all of them), oldest first."""
        mine = () if owner is None else (SUBSCRIPTION.c.principal == owner,)
        statement = select(*_COLUMNS).where(*mine).order_by(SUBSCRIPTION.c.created_at, SUBSCRIPTION.c.id)
        with self._database.reading() as connection:
            return tuple(map(Subscription._make, connection.execute(statement)))

    def one(self, subscription_id: str) -> Subscription | None:
        """The subscription with this id."""
        statement = select(*_COLUMNS).where(SUBSCRIPTION.c.id == subscription_id)
        with self._database.reading() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else Subscription._make(row)

    def remove(self, subscription_id: str) -> None:
        """Forget it; a delivery under way is the last one."""
        self._write(delete(SUBSCRIPTION).where(SUBSCRIPTION.c.id == subscription_id))

    def resume(self, subscription_id: str) -> None:
        """Tell a paused one again, from its cursor on."""
        self._write(update(SUBSCRIPTION).where(SUBSCRIPTION.c.id == subscription_id).values(state=ACTIVE, **_WELL))

    def last_cursor(self) -> int:
        """The cursor of the newest change."""
        with self._database.reading() as connection:
            return int(connection.execute(select(HEAD.c.cursor)).scalar_one())

    # --- what a sender asks for -------------------------------------------------------------------------------------

    def claim(self, sender: str, *, seconds: float, limit: int, but: Sequence[str] = ()) -> tuple[Subscription, ...]:
        """Up to `limit` subscriptions that are due and that nobody else tells, for this sender alone.

        The lease ends after so many seconds unless `advance` renews it, so that a dead sender holds nothing for ever.
        """
        with self._database.reading() as connection:
            due = select(SUBSCRIPTION.c.id).where(*self._due(), SUBSCRIPTION.c.id.not_in(list(but)))
            names = connection.execute(due.order_by(SUBSCRIPTION.c.retry_at, SUBSCRIPTION.c.id).limit(limit)).scalars()
            wanted = list(names)
        return tuple(one for name in wanted if (one := self._claimed(name, sender, seconds)) is not None)

    def advance(self, subscription_id: str, sender: str, *, cursor: int, seconds: float) -> bool:
        """Remember that everything up to this cursor was told; False when the lease went to another sender."""
        told = {"cursor": cursor, "lease_until": self._now + seconds, **_WELL}
        return self._write(self._held(subscription_id, sender).values(told))

    def release(self, subscription_id: str, sender: str) -> None:
        """Let go of it for now."""
        self._write(self._held(subscription_id, sender).values(sender="", lease_until=0.0))

    def fail(
        self, subscription_id: str, sender: str, *, reason: str, retry_in: float, patience: float, pause: bool = False
    ) -> bool:
        """Let go of it until it is tried again in `retry_in` seconds; False when it is not this sender's any more.

        With `pause`, or once it has failed for `patience` seconds, it is paused until somebody resumes it.
        """
        since = func.coalesce(SUBSCRIPTION.c.failing_since, self._now)
        over = literal(True) if pause else self._now - since >= patience
        told: Mapping[str, Any] = {
            "failures": SUBSCRIPTION.c.failures + 1,
            "failing_since": since,
            "retry_at": self._now + literal(retry_in, Float(53)),
            "reason": reason,
            "state": case((over, PAUSED), else_=ACTIVE),
            "sender": "",
            "lease_until": 0.0,
        }
        return self._write(self._held(subscription_id, sender).values(told))

    # --- inside -----------------------------------------------------------------------------------------------------

    def _due(self) -> tuple[Any, ...]:
        row = SUBSCRIPTION.c
        behind = row.cursor < select(HEAD.c.cursor).scalar_subquery()
        return (row.state == ACTIVE, row.retry_at <= self._now, row.lease_until <= self._now, behind)

    def _claimed(self, subscription_id: str, sender: str, seconds: float) -> Subscription | None:
        """Asked again in the write: of two senders that saw it free, the second finds it taken."""
        mine = update(SUBSCRIPTION).where(SUBSCRIPTION.c.id == subscription_id, *self._due())
        taken = mine.values(sender=sender, lease_until=self._now + seconds).returning(*_COLUMNS)
        with self._database.writing() as connection:
            row = connection.execute(taken).one_or_none()
            connection.commit()
        return None if row is None else Subscription._make(row)

    def _held(self, subscription_id: str, sender: str) -> Update:
        return update(SUBSCRIPTION).where(SUBSCRIPTION.c.id == subscription_id, SUBSCRIPTION.c.sender == sender)

    def _write(self, statement: Any) -> bool:
        with self._database.writing() as connection:
            touched = connection.execute(statement).rowcount
            connection.commit()
        return bool(touched)
