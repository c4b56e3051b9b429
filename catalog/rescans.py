"""Which rescans are there, how far are they, and who works on which part?

A rescan is cut into batches when it is opened. A worker claims one for a while, decides its lines outside of any
transaction, and writes what it found in one transaction that ends the batch: done once, whoever was killed meanwhile.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, exists, func, insert, or_, select, update

from catalog.database import Database
from catalog.tables.row import table_of
from catalog.tables.standing import BatchRow, RescanRow
from engine.model import Json

if TYPE_CHECKING:
    from catalog.work import UnitOfWork

RESCAN, BATCH = table_of(RescanRow), table_of(BatchRow)
SIZE = 250
"""How many lines a batch holds."""

LEASE = timedelta(seconds=60)
"""How long a claim holds unless it is extended."""

_OPEN = and_(RESCAN.c.ended_at.is_(None), RESCAN.c.superseded_at.is_(None))
_LEFT = and_(BATCH.c.rescan_id == RESCAN.c.id, BATCH.c.done_at.is_(None))

By = tuple[str, str, str, str]
"""What products are judged by: bundle revision, digests of assignments and waivers, engine."""

_BY = ("bundle_revision", "assignments_digest", "waivers_digest", "engine")


@dataclass(frozen=True, slots=True)
class Rescan:
    """One rescan with its progress, in lines; `state` is `open`, `ended` or `superseded`."""

    id: str
    scope: str
    reason: str
    state: str
    bundle_revision: str
    day: str
    cursor: int
    basis: Json
    products: int
    done: int
    confirmed: int
    decided: int
    changed: int
    opened_at: datetime
    ended_at: datetime | None
    by: By


@dataclass(frozen=True, slots=True)
class Order:
    """What a rescan is opened for: `basis` says by what products are judged, as `engine.policy.stale` has it."""

    scope: str
    reason: str
    by: By
    basis: Json
    day: str
    lines: Sequence[str]
    cursor: int


@dataclass(frozen=True, slots=True)
class Batch:
    """A part of a rescan that its holder may work on."""

    rescan_id: str
    number: int
    lines: tuple[str, ...]
    holder: str


class RescanBook:
    """The rescans of one unit of work. Opening, claiming and counting are no changes of the mesh: no new revision."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def open(self, order: Order) -> str:
        """Open a rescan; one of everything takes the place of all that are still open. Gives its id.

        The head is held meanwhile, so that rescans are numbered in the order in which they are opened.
        """
        work, id = self._work, uuid.uuid4().hex
        work.head()
        number = 1 + work.connection.execute(select(func.coalesce(func.max(RESCAN.c.number), 0))).scalar_one()
        if order.scope == "all":
            work.write(update(RESCAN).where(_OPEN).values(superseded_at=work.at))
        told: dict[str, Any] = {name: getattr(order, name) for name in ("scope", "reason", "basis", "day", "cursor")}
        told |= dict(zip(_BY, order.by, strict=True))
        ended = work.at if not order.lines else None
        told |= {"products": len(order.lines), "principal": work.principal.id, "opened_at": work.at, "ended_at": ended}
        work.write(insert(RESCAN), {"id": id, "number": number, **told})
        rows = [
            {"rescan_id": id, "number": number, "lines": list(order.lines[start : start + SIZE])}
            for number, start in enumerate(range(0, len(order.lines), SIZE), start=1)
        ]
        if rows:
            empty = {"claimed_by": "", "confirmed": 0, "decided": 0, "changed": 0}
            work.write(insert(BATCH), [{**row, **empty} for row in rows])
        return id

    def claim(self, holder: str, by: By) -> Batch | None:
        """The next batch that nobody works on, of a rescan by these rules and this engine; neighbours come first."""
        work = self._work
        free = or_(BATCH.c.claimed_until.is_(None), BATCH.c.claimed_until <= work.at)
        wanted = select(BATCH.c.rescan_id, BATCH.c.number, BATCH.c.lines).join(RESCAN, RESCAN.c.id == BATCH.c.rescan_id)
        wanted = wanted.where(_OPEN, _judged(by), BATCH.c.done_at.is_(None), free)
        wanted = wanted.order_by(RESCAN.c.scope.desc(), RESCAN.c.number, BATCH.c.number).limit(1)
        row = work.connection.execute(wanted.with_for_update(skip_locked=True, of=BATCH)).one_or_none()
        if row is None:
            return None
        batch = Batch(row.rescan_id, row.number, tuple(row.lines), holder)
        work.write(update(BATCH).where(_is(batch)).values(claimed_by=holder, claimed_until=work.at + LEASE))
        return batch

    def extend(self, batch: Batch) -> None:
        """Hold the batch for another while."""
        held = update(BATCH).where(_is(batch), BATCH.c.claimed_by == batch.holder)
        self._work.write(held.values(claimed_until=self._work.at + LEASE))

    def release(self, batch: Batch, *, pause: timedelta = timedelta(0)) -> None:
        """Let somebody else have the batch, after a pause."""
        held = update(BATCH).where(_is(batch), BATCH.c.claimed_by == batch.holder, BATCH.c.done_at.is_(None))
        self._work.write(held.values(claimed_by="", claimed_until=self._work.at + pause))

    def release_all(self) -> None:
        """Let go of every claim: for the sole owner of the data, who knows that nobody else lives."""
        self._work.write(update(BATCH).where(BATCH.c.done_at.is_(None)).values(claimed_by="", claimed_until=None))

    def finish(self, batch: Batch, *, confirmed: int, decided: int, changed: int) -> bool:
        """Whether the batch was still the holder's to end; where it was not, nothing of it may be committed.

        The rescan's row is held against being superseded meanwhile: older rules never have the last word.
        """
        still = select(RESCAN.c.id).where(RESCAN.c.id == batch.rescan_id, _OPEN).with_for_update(read=True)
        if self._work.connection.execute(still).first() is None:
            return False
        mine = update(BATCH).where(_is(batch), BATCH.c.claimed_by == batch.holder, BATCH.c.done_at.is_(None))
        counts = {"confirmed": confirmed, "decided": decided, "changed": changed}
        return self._work.connection.execute(mine.values(done_at=self._work.at, **counts)).rowcount == 1

    def end(self) -> bool:
        """End every open rescan of which nothing is left; whether there was one."""
        ended = update(RESCAN).where(_OPEN, ~exists().where(_LEFT)).values(ended_at=self._work.at)
        return self._work.connection.execute(ended).rowcount > 0


class Rescans:
    """Reads of rescans."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, id: str) -> Rescan | None:
        return self._one(RESCAN.c.id == id)

    def last(self, *, scope: str | None = None) -> Rescan | None:
        """The rescan that was opened last."""
        return self._one(RESCAN.c.scope == scope if scope else RESCAN.c.id != "")

    def left(self) -> int:
        """How many batches of open rescans are not done."""
        batches = select(func.count()).select_from(BATCH).join(RESCAN, RESCAN.c.id == BATCH.c.rescan_id)
        with self._database.reading() as connection:
            return int(connection.execute(batches.where(_OPEN, BATCH.c.done_at.is_(None))).scalar_one())

    def _one(self, which: ColumnElement[bool]) -> Rescan | None:
        statement = select(RESCAN).where(which).order_by(RESCAN.c.number.desc()).limit(1)
        names = ("confirmed", "decided", "changed")
        sums = select(*(func.coalesce(func.sum(BATCH.c[name]), 0) for name in names))
        with self._database.reading() as connection:
            row = connection.execute(statement).mappings().one_or_none()
            if row is None:
                return None
            counts = connection.execute(sums.where(BATCH.c.rescan_id == row["id"], BATCH.c.done_at.is_not(None))).one()
        return _rescan(row, [int(count) for count in counts])


def _rescan(row: Any, counts: Sequence[int]) -> Rescan:
    confirmed, decided, changed = counts
    state = "ended" if row["ended_at"] else "superseded" if row["superseded_at"] else "open"
    names = ("id", "scope", "reason", "bundle_revision", "day", "cursor", "basis", "products", "opened_at", "ended_at")
    return Rescan(
        **{name: row[name] for name in names},
        state=state,
        done=confirmed + decided,
        confirmed=confirmed,
        decided=decided,
        changed=changed,
        by=(row["bundle_revision"], row["assignments_digest"], row["waivers_digest"], row["engine"]),
    )


def _judged(by: By) -> ColumnElement[bool]:
    return and_(*(RESCAN.c[name] == value for name, value in zip(_BY, by, strict=True)))


def _is(batch: Batch) -> ColumnElement[bool]:
    return and_(BATCH.c.rescan_id == batch.rescan_id, BATCH.c.number == batch.number)
