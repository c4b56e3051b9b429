"""When is a deployment worked on next, what does it wait for until then, and who hands it over?

A deployment is carried out in turns: each is handed to the durable engine once, and one that has to wait ends, so that
it holds no worker. Nothing here is a fact of the mesh, so nothing here makes a revision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, case, insert, select, update

from catalog import clock, happenings
from catalog.database import Database
from catalog.tables.deployment import TurnRow
from catalog.tables.row import table_of
from engine.model import Json
from engine.provision.events import EventKind

TURN = table_of(TurnRow)


class Waiting(NamedTuple):
    """What a deployment waits for (`retry`, `operation`, `approval`, `slot`, `build`), why, and at most until when.

    `resource` is the fqn of the one that blocks, if one does, with the class of its error; `percent` and `message` are
    what its adapter told last of an operation that goes on.
    """

    waits_for: str
    reason: str
    until: datetime | None
    resource: str = ""
    error_class: str = ""
    percent: int | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """Why a turn ends before the deployment does, and the seconds until the next one; `details` as in `Waiting`."""

    seconds: float
    waits_for: str
    reason: str
    details: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn: its number, the signals that it knows of, and the seconds that the deployment still has."""

    number: int
    signals: int
    seconds_left: float


class Turns:
    """The turns of all deployments, by the database's clock."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._now = clock.seconds(database.dialect)

    def of(self, deployment_id: str) -> Turn:
        """The present turn of a deployment."""
        left = TURN.c.deadline_at - self._now
        found = select(TURN.c.turn, TURN.c.signals, left.label("left")).where(TURN.c.deployment_id == deployment_id)
        with self._database.reading() as connection:
            row = connection.execute(found).one()
        return Turn(row.turn, row.signals, float("inf") if row.left is None else float(row.left))

    def limit(self, deployment_id: str, seconds: float, *, anew: bool = False) -> None:
        """Give the deployment so many seconds from now on; one that has a limit keeps it unless it begins `anew`."""
        here = (TURN.c.deployment_id == deployment_id, *(() if anew else (TURN.c.deadline_at.is_(None),)))
        self._write(update(TURN).where(*here).values(deadline_at=self._now + seconds))

    def due(self, limit: int) -> Sequence[str]:
        """The deployments whose next turn should have begun, the longest waiting first."""
        found = select(TURN.c.deployment_id).where(TURN.c.wake_at <= self._now)
        with self._database.reading() as connection:
            return connection.execute(found.order_by(TURN.c.wake_at).limit(limit)).scalars().all()

    def taken(self, connection: Connection, deployment_id: str) -> int | None:
        """The number of the next turn, which begins with this transaction; None when somebody else took it."""
        due = (TURN.c.deployment_id == deployment_id, TURN.c.wake_at <= self._now)
        begun = update(TURN).where(*due).values(turn=TURN.c.turn + 1, wake_at=None, waits_for="", reason="", details={})
        return connection.execute(begun.returning(TURN.c.turn)).scalar()

    def _write(self, statement: Any) -> None:
        with self._database.writing() as connection:
            connection.execute(statement)
            connection.commit()


def begin(connection: Connection, deployment_id: str) -> None:
    """The first turn of a deployment; the caller hands it over in the same transaction."""
    row = {"deployment_id": deployment_id, "turn": 1, "signals": 0, "waits_for": "", "reason": "", "details": {}}
    connection.execute(insert(TURN), row)


def signal(connection: Connection, deployment_id: str) -> None:
    """Let the deployment be looked at now: one that waits wakes, and one that is worked on does not wait after that."""
    now = clock.seconds(connection.dialect.name)
    woken = case((TURN.c.wake_at.is_not(None), now), else_=None)
    here = update(TURN).where(TURN.c.deployment_id == deployment_id)
    connection.execute(here.values(signals=TURN.c.signals + 1, wake_at=woken))


def unlimited(connection: Connection, deployment_id: str) -> None:
    """Let the time of a deployment stand still while people are asked; it has all of it once it goes on."""
    connection.execute(update(TURN).where(TURN.c.deployment_id == deployment_id).values(deadline_at=None))


def end(connection: Connection, deployment_id: str) -> None:
    """Let no turn follow: the deployment has ended while it waited."""
    connection.execute(update(TURN).where(TURN.c.deployment_id == deployment_id).values(wake_at=None))


def parked(connection: Connection, deployment_id: str, turn: Turn, pause: Pause) -> bool:
    """End this turn: the next one comes after so many seconds, or at once where somebody signalled meanwhile.

    What it waits for is an event, told by the same transaction, unless it is what was told last. False where this is
    not the present turn: then nothing changes.
    """
    now = clock.seconds(connection.dialect.name)
    wake_at = case((TURN.c.signals == turn.signals, now + pause.seconds), else_=now)
    here = (TURN.c.deployment_id == deployment_id, TURN.c.turn == turn.number)
    told = {"waits_for": pause.waits_for, "reason": pause.reason, "details": dict(pause.details)}
    ended = update(TURN).where(*here).values(wake_at=wake_at, **told).returning(TURN.c.wake_at)
    wakes = connection.execute(ended).scalar()
    if wakes is None:
        return False
    _tell(connection, deployment_id, pause, datetime.fromtimestamp(wakes, UTC))
    return True


def again(connection: Connection, deployment_id: str, turn: int) -> bool:
    """Let the next turn follow at once, where this one is under way and nobody carries it out to its end."""
    here = (TURN.c.deployment_id == deployment_id, TURN.c.turn == turn, TURN.c.wake_at.is_(None))
    now = clock.seconds(connection.dialect.name)
    return connection.execute(update(TURN).where(*here).values(wake_at=now)).rowcount > 0


def waiting(connection: Connection, deployment_ids: Sequence[str]) -> dict[str, Waiting]:
    """What each of these deployments waits for; those that do not wait are left out."""
    asked = (TURN.c.deployment_id.in_(deployment_ids), TURN.c.wake_at.is_not(None))
    found = select(TURN.c.deployment_id, TURN.c.waits_for, TURN.c.reason, TURN.c.wake_at, TURN.c.details).where(*asked)
    return {
        row.deployment_id: Waiting(
            row.waits_for,
            row.reason,
            datetime.fromtimestamp(row.wake_at, UTC),
            **{name: value for name, value in row.details.items() if name in Waiting._fields},
        )
        for row in connection.execute(found)
    }


def _tell(connection: Connection, deployment_id: str, pause: Pause, until: datetime) -> None:
    """One that looks at an operation again and again says so once, and what its adapter tells when that is new."""
    about = {name: str(pause.details.get(name, "")) for name in ("resource", "error_class")}
    progress = {name: pause.details[name] for name in ("percent", "message") if name in pause.details}
    kind = EventKind.PROGRESS if progress else EventKind.WAITING
    reason = str(progress.get("message", "")) if progress else pause.reason
    last = happenings.last_of(connection, deployment_id)
    same = last is not None and (last.kind, last.reason, last.resource) == (kind, reason, about["resource"])
    if last is not None and same and last.details.get("percent") == progress.get("percent"):
        return
    details: dict[str, Json] = {"for": pause.waits_for, "until": until.isoformat()}
    details |= {"percent": progress["percent"]} if "percent" in progress else {}
    happenings.append(connection, deployment_id, kind, datetime.now(UTC), reason=reason, **about, details=details)
