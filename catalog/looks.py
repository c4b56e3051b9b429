"""Which container is to be observed next, who is at it, when was it observed last, and may what drifted be repaired?

Each container has a moment of its own at which it is due, so that they never come all at once. One worker of many
claims it. Nothing here is a fact of the mesh, so nothing here makes a revision.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, bindparam, case, delete, insert, literal_column, select, update

from catalog import clock
from catalog.database import Database
from catalog.tables.row import table_of
from catalog.tables.watching import LookRow

LOOK = table_of(LookRow)

FIRST_SECONDS = 30.0
"""How long after it was opened a container is looked at for the first time; it is being made until then."""
SPREAD = 0.1
"""By how much of its interval a look may come earlier or later, so that those that began together part."""
CHANCE = {"sqlite": "(abs(random() % 1000000) / 1000000.0)", "postgresql": "random()"}


class Claim(NamedTuple):
    """A container that is this holder's to look at: who asked for it so far, how often nothing sure was seen."""

    container_id: str
    environment: str
    asks: int
    answered: int
    missed: int

    @property
    def asked_for(self) -> bool:
        """Whether somebody waits for this look."""
        return self.asks > self.answered


class Looked(NamedTuple):
    """The end of a look that changed nothing, and the seconds until the next one."""

    claim: Claim
    after: float
    missed: int = 0
    observed: bool = True


class Look(NamedTuple):
    """When a container was observed last and will be next; `asks` and `answered` count who wanted it (see `ask`)."""

    observed_at: datetime | None
    next_at: datetime
    asks: int
    answered: int
    repairs: int
    unrepaired: str


class Looks:
    """The looks at all containers, by the database's clock."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._now = clock.seconds(database.dialect)

    def claim(self, holder: str, *, limit: int, seconds: float) -> list[Claim]:
        """At most so many that are due and that nobody else is at, for this holder alone and so many seconds."""
        due = (LOOK.c.look_at <= self._now, LOOK.c.lease_until <= self._now)
        first = select(LOOK.c.container_id).where(*due).order_by(LOOK.c.look_at).limit(limit)
        with self._database.reading() as connection:
            wanted = connection.execute(first).scalars().all()
        if not wanted:
            return []
        taken = update(LOOK).where(LOOK.c.container_id.in_(wanted), *due)
        told = taken.values(holder=holder, lease_until=self._now + seconds).returning(*_CLAIMED)
        with self._database.writing() as connection:
            claims = [Claim._make(row) for row in connection.execute(told)]
            connection.commit()
        return claims

    def extend(self, claims: Iterable[Claim], holder: str, *, seconds: float) -> None:
        """Stay at these for so many seconds from now."""
        mine = (LOOK.c.container_id.in_([one.container_id for one in claims]), LOOK.c.holder == holder)
        self._write(update(LOOK).where(*mine).values(lease_until=self._now + seconds))

    def seen(self, looked: Sequence[Looked], holder: str) -> None:
        """Let go of these, which are as they were; one statement for all."""
        with self._database.writing() as connection:
            let_go(connection, looked, holder)
            connection.commit()

    def free_all(self) -> None:
        """Void every claim: for a process that owns the data alone."""
        self._write(update(LOOK).where(LOOK.c.holder != "").values(holder="", lease_until=0.0))

    def settle(self, every: Mapping[str, float]) -> None:
        """Bring forward what is due later than the interval (seconds) of its environment now allows, spread over it."""
        chance: ColumnElement[float] = literal_column(CHANCE[self._database.dialect])
        for environment, seconds in every.items():
            late = (LOOK.c.environment == environment, LOOK.c.look_at > self._now + seconds * (1 + SPREAD))
            self._write(update(LOOK).where(*late).values(look_at=self._now + seconds * chance))

    def may_repair(self, container_id: str, *, day: str, budget: int, first: float) -> int | None:
        """Count another repair on this UTC day, and answer which one it is; None before its time.

        Raises BudgetSpent where there is none left today. It is counted before it begins, so that no crash makes more
        of them; the time until the next one begins with `first` seconds and grows fourfold.
        """
        today = case((LOOK.c.repair_day == day, LOOK.c.repairs), else_=0)
        pause = case(*((today == count, first * 4.0**count) for count in range(budget)), else_=0.0)
        here = (LOOK.c.container_id == container_id, LOOK.c.repair_at <= self._now)
        counted = {"repair_day": day, "repairs": today + 1, "repair_at": self._now + pause}
        charged = update(LOOK).where(*here, today < budget).values(**counted).returning(LOOK.c.repairs)
        spent = select(LOOK.c.container_id).where(LOOK.c.container_id == container_id, today >= budget)
        with self._database.writing() as connection:
            number = connection.execute(charged).scalar()
            over = number is None and connection.execute(spent).first() is not None
            connection.commit()
        if over:
            raise BudgetSpent(budget)
        return None if number is None else int(number)

    def _write(self, statement: Any) -> None:
        with self._database.writing() as connection:
            connection.execute(statement)
            connection.commit()


class BudgetSpent(Exception):
    """No further repair today; its argument is how many there were."""


def begin(connection: Connection, container_id: str, environment: str) -> None:
    """A container that is looked at from now on."""
    none = {"holder": "", "lease_until": 0.0, "asks": 0, "answered": 0, "missed": 0}
    repairs = {"repair_day": "", "repairs": 0, "repair_at": 0.0, "unrepaired": ""}
    row = {"container_id": container_id, "environment": environment, **none, **repairs}
    due = clock.seconds(connection.dialect.name) + FIRST_SECONDS
    connection.execute(insert(LOOK).values(**row, look_at=due))


def end(connection: Connection, container_id: str) -> None:
    """Nobody looks at it any more."""
    connection.execute(delete(LOOK).where(LOOK.c.container_id == container_id))


def ask(connection: Connection, container_id: str) -> int:
    """Let the container be looked at now, also by who is at it already; answers the number of this wish.

    It is fulfilled by the look after which `Look.answered` has reached that number.
    """
    now = clock.seconds(connection.dialect.name)
    asked = update(LOOK).where(LOOK.c.container_id == container_id).values(asks=LOOK.c.asks + 1, look_at=now)
    return int(connection.execute(asked.returning(LOOK.c.asks)).scalar_one())


def let_go(connection: Connection, looked: Sequence[Looked], holder: str) -> int:
    """End these looks; how many of them were still this holder's. One that was asked for meanwhile is due at once."""
    now = clock.seconds(connection.dialect.name)
    ended = update(LOOK).where(LOOK.c.container_id == bindparam("of"), LOOK.c.holder == holder)
    again = case((LOOK.c.asks == bindparam("heard"), now + bindparam("later")), else_=now)
    observed = case((bindparam("was") == 1, now), else_=LOOK.c.observed_at)
    values = {"holder": "", "lease_until": 0.0, "look_at": again, "observed_at": observed}
    told = ended.values(**values, answered=bindparam("heard"), missed=bindparam("unsure"))
    rows = [
        {
            "of": one.claim.container_id,
            "heard": one.claim.asks,
            "later": one.after * random.uniform(1 - SPREAD, 1 + SPREAD),  # noqa: S311 (spreads load, hides nothing)
            "was": int(one.observed),
            "unsure": one.missed,
        }
        for one in looked
    ]
    return connection.execute(told, rows).rowcount


def unrepaired(connection: Connection, container_id: str, why: str) -> bool:
    """Keep why what drifted is not repaired (empty: it need not be); whether that is something else than before."""
    other = (LOOK.c.container_id == container_id, LOOK.c.unrepaired != why)
    return connection.execute(update(LOOK).where(*other).values(unrepaired=why)).rowcount == 1


def shown(connection: Connection, container_ids: Sequence[str]) -> dict[str, Look]:
    """When each of these was and will be observed; those that nobody looks at are left out."""
    columns = ("observed_at", "look_at", "asks", "answered", "repairs", "unrepaired")
    asked = select(LOOK.c.container_id, *(LOOK.c[name] for name in columns))
    return {
        row[0]: Look(_moment(row[1]), datetime.fromtimestamp(row[2], UTC), *row[3:])
        for row in connection.execute(asked.where(LOOK.c.container_id.in_(container_ids)))
    }


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


_CLAIMED = tuple(LOOK.c[name] for name in Claim._fields)
