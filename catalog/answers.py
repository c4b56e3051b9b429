"""Which answers of policies were kept, and which of them may be forgotten?

What is kept here is a saving, never a record: deleting all of it changes no decision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import delete, func, select, update

from catalog.among import among
from catalog.database import Database
from catalog.once import insert_once
from catalog.tables.row import table_of
from catalog.tables.standing import AnswerRow
from engine.model import Finding

if TYPE_CHECKING:
    from catalog.work import UnitOfWork

ANSWER = table_of(AnswerRow)
Findings = tuple[Finding, ...]

UNUSED = timedelta(days=30)
"""How long an answer that nobody uses is kept."""

MOST = 2_000_000
"""How many answers are kept at most; those used longest ago go first."""

_TOUCHED = timedelta(days=7)
_FOUND = select(ANSWER).where(among(ANSWER.c.key, "keys"))


class CatalogAnswers:
    """Answers kept in the catalog (`engine.policy.reuse.Answers`); new ones wait until `write` puts them into a work.

    One object serves one thread.
    """

    def __init__(self, database: Database, *, now: datetime) -> None:
        self._database, self._now = database, now
        self._new: dict[str, Findings] = {}
        self._old: set[str] = set()

    def found(self, keys: Sequence[str]) -> Mapping[str, Findings]:
        """The kept findings by key; keys that it does not know are left out."""
        known = {key: self._new[key] for key in keys if key in self._new}
        wanted = [key for key in keys if key not in known]
        if wanted:
            with self._database.reading() as connection:
                rows = connection.execute(_FOUND, {"keys": wanted}).all()
            known |= {row.key: _read(row.findings) for row in rows}
            self._old |= {row.key for row in rows if row.used_on < _day(self._now - _TOUCHED)}
        return known

    def keep(self, answers: Mapping[str, Findings]) -> None:
        """Keep these findings under their keys, as soon as `write` is called."""
        self._new.update(answers)

    def write(self, work: UnitOfWork) -> None:
        """Put what was kept, and the day of what was used, into this unit of work."""
        day = _day(self._now)
        if self._new:
            rows = [{"key": key, "findings": _written(some), "used_on": day} for key, some in sorted(self._new.items())]
            work.write(insert_once(ANSWER, self._database.dialect), rows)
        if self._old:
            work.write(update(ANSWER).where(ANSWER.c.key.in_(sorted(self._old))).values(used_on=day))


def forget(work: UnitOfWork, *, most: int = MOST) -> None:
    """Forget what nobody used for long, and the oldest of what is too much; whole days at a time."""
    work.write(delete(ANSWER).where(ANSWER.c.used_on < _day(work.at - UNUSED)))
    days = select(ANSWER.c.used_on, func.count()).group_by(ANSWER.c.used_on).order_by(ANSWER.c.used_on.desc())
    counted = 0
    for day, count in work.connection.execute(days).all():
        counted += count
        if counted > most:
            work.write(delete(ANSWER).where(ANSWER.c.used_on <= day))
            return


def _written(findings: Findings) -> bytes:
    return orjson.dumps([asdict(one) for one in findings])


def _read(content: bytes) -> Findings:
    return tuple(_finding(one) for one in orjson.loads(content))


def _finding(told: dict[str, Any]) -> Finding:
    sequences = {name: tuple(told[name]) for name in ("path", "fix", "related")}
    return Finding(**{**told, **sequences})


def _day(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d")
