"""Which saved requirement is to be asked again, who is at it, and what did it find out?

A requirement follows the feed by a cursor: whatever was accepted, changed or decided after it is looked at again, after
a crash too. What was found, what is told of it and the cursor are written by one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, exists, insert, or_, select, update

from catalog import clock, spans
from catalog.changes import CHANGE
from catalog.database import Database
from catalog.requirements import FITS, NEVER, REQUIREMENT, WATCH, FitStanding, SavedRequirement

if TYPE_CHECKING:
    from catalog.work import UnitOfWork

KIND = "requirement."
"""How the kinds of changes begin that tell of requirements: none of them is followed."""
FITS_NOW, FITS_NO_MORE = "requirement.fits", "requirement.unfits"
MOST_TOLD = 5
"""Reasons that a change tells."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A requirement that this process may ask now, and the change up to which it was asked."""

    requirement: SavedRequirement
    cursor: int
    day: str

    @property
    def is_first(self) -> bool:
        """Whether it was never asked to the end: then what is found is how things stand, and no news."""
        return self.cursor == NEVER


class Watches:
    """The claims on requirements. They change nothing of the mesh, so nothing here makes a revision."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._now = clock.seconds(database.dialect)

    def claim(self, holder: str, *, today: str, seconds: float) -> Watch | None:
        """One that is due and that nobody else is at, for this holder alone and so many seconds."""
        due = (WATCH.c.retry_at <= self._now, WATCH.c.lease_until <= self._now, self._behind(today))
        first = select(WATCH.c.requirement_id).where(*due).order_by(WATCH.c.retry_at, WATCH.c.cursor).limit(1)
        with self._database.reading() as connection:
            wanted = connection.execute(first).scalar()
        if wanted is None:
            return None
        taken = update(WATCH).where(WATCH.c.requirement_id == wanted, *due)
        told = taken.values(holder=holder, lease_until=self._now + seconds).returning(WATCH.c.cursor, WATCH.c.day)
        with self._database.writing() as connection:
            row = connection.execute(told).one_or_none()
            found = _saved(connection, wanted) if row is not None else None
            connection.commit()
        return None if row is None or found is None else Watch(found, row.cursor, row.day)

    def extend(self, watch: Watch, holder: str, *, seconds: float) -> None:
        """Stay at it for so many seconds from now."""
        self._write(watch, holder, {"lease_until": self._now + seconds})

    def release(self, watch: Watch, holder: str, *, retry_in: float, reason: str) -> None:
        """Let go of it; it is asked again after a while."""
        later = {"retry_at": self._now + retry_in, "reason": reason}
        self._write(watch, holder, {"holder": "", "lease_until": 0.0, **later})

    def free_all(self) -> None:
        """Void every claim: for a process that owns the data alone."""
        with self._database.writing() as connection:
            connection.execute(update(WATCH).values(holder="", lease_until=0.0))
            connection.commit()

    def _behind(self, today: str) -> Any:
        news = exists().where(CHANGE.c.cursor > WATCH.c.cursor, CHANGE.c.kind.not_like(f"{KIND}%"))
        return or_(WATCH.c.cursor == NEVER, WATCH.c.day < today, news)

    def _write(self, watch: Watch, holder: str, values: Mapping[str, Any]) -> None:
        held = (WATCH.c.requirement_id == watch.requirement.id, WATCH.c.holder == holder)
        with self._database.writing() as connection:
            connection.execute(update(WATCH).where(*held).values(**values))
            connection.commit()


def touched(connection: Connection, after: int, until: int) -> set[str]:
    """The fqns that changes after this one speak of, up to the other one."""
    told = select(CHANGE.c.subject).where(CHANGE.c.cursor > after, CHANGE.c.cursor <= until).distinct()
    return set(connection.execute(told.where(CHANGE.c.kind.not_like(f"{KIND}%"))).scalars())


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found out: how products that were asked stand now, and those that are not found any more.

    `cursor` is the change up to which that holds for all of them, None where some could not be asked.
    """

    standings: Sequence[FitStanding]
    gone: Sequence[FitStanding]
    cursor: int | None
    day: str


class WatchBook:
    """What one watch found out, in one unit of work of the requirement's owner."""

    def __init__(self, work: UnitOfWork, watch: Watch) -> None:
        self._work, self._watch = work, watch

    def holds(self, holder: str) -> bool:
        """Whether the requirement is still there and nobody else is at it; the head stays locked from here on."""
        self._work.head()
        mine = select(WATCH.c.requirement_id).where(
            WATCH.c.requirement_id == self._watch.requirement.id, WATCH.c.holder == holder
        )
        return self._work.connection.execute(mine).first() is not None

    def write(self, found: Findings, before: Mapping[str, FitStanding], *, retry_in: float, reason: str) -> None:
        """Keep and tell what is new, and go on from there; what stands as it stood makes no revision."""
        news = [one for one in found.standings if _is_news(one, before.get(one.line_id))]
        kept = [one.line_id for one in found.standings if not _is_news(one, before.get(one.line_id))]
        self._confirm(kept, found.day)
        self._end([one.line_id for one in (*news, *found.gone) if one.line_id in before])
        self._begin(news)
        if not self._watch.is_first:
            self._tell(news, found.gone, before)
        self._go_on(found, retry_in=retry_in, reason=reason)

    def _confirm(self, lines: Sequence[str], day: str) -> None:
        if lines:
            self._work.write(update(FITS).where(*self._here(lines)).values(asked_on=day))

    def _end(self, lines: Sequence[str]) -> None:
        if lines:
            self._work.write(update(FITS).where(*self._here(lines)).values(until_revision=self._work.revision))

    def _begin(self, standings: Sequence[FitStanding]) -> None:
        if standings:
            told = {"requirement_id": self._watch.requirement.id, "from_revision": self._work.revision}
            self._work.write(insert(FITS), [{**one._asdict(), **told} for one in standings])

    def _tell(
        self, news: Sequence[FitStanding], gone: Sequence[FitStanding], before: Mapping[str, FitStanding]
    ) -> None:
        for one in news:
            fitted = (known := before.get(one.line_id)) is not None and known.verdict == "fit"
            if fitted is not (one.verdict == "fit"):
                self._append(FITS_NOW if one.verdict == "fit" else FITS_NO_MORE, one)
        for one in gone:
            if one.verdict == "fit":
                lost = {"code": "not_found", "msg": "The search of the requirement does not find it any more."}
                self._append(FITS_NO_MORE, one._replace(verdict="unfit", reasons=[{**lost, "path": ""}]))

    def _append(self, kind: str, one: FitStanding) -> None:
        saved = self._watch.requirement
        payload = {"requirement": saved.id, "name": saved.name, "version": one.version, "verdict": one.verdict}
        self._work.changes.append(
            kind, one.fqn, {**payload, "reasons": list(one.reasons[:MOST_TOLD])}, domain=one.domain
        )

    def _go_on(self, found: Findings, *, retry_in: float, reason: str) -> None:
        values: dict[str, Any] = {"holder": "", "lease_until": 0.0, "reason": reason}
        if found.cursor is not None:
            values |= {"cursor": found.cursor, "day": found.day, "retry_at": 0.0}
        else:
            values["retry_at"] = clock.seconds(self._work.database.dialect) + retry_in
        self._work.write(update(WATCH).where(WATCH.c.requirement_id == self._watch.requirement.id).values(**values))

    def _here(self, lines: Sequence[str]) -> tuple[Any, ...]:
        return (
            spans.now(FITS, {"requirement_id": self._watch.requirement.id}),
            FITS.c.line_id.in_(list(lines)),
        )


def _is_news(now: FitStanding, before: FitStanding | None) -> bool:
    """Whether a span has to begin: another version, another verdict, or other reasons."""
    if before is None:
        return True
    names = ("version_id", "verdict", "reasons", "reason_count")
    return any(getattr(now, name) != getattr(before, name) for name in names)


def _saved(connection: Connection, requirement_id: str) -> SavedRequirement | None:
    columns = tuple(REQUIREMENT.c[name] for name in SavedRequirement._fields)
    row = connection.execute(select(*columns).where(spans.now(REQUIREMENT, {"id": requirement_id}))).first()
    return None if row is None else SavedRequirement._make(row)
