"""How far may each product be trusted, since when, and whose score is to be computed again?

A score holds over a span of revisions: one that is computed again and says the same only moves its moments. What makes
scores due is put in a queue, by the transaction that changes a fact or by whoever looks at the feed and the day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from catalog.changes import last_on
from catalog.database import Database
from catalog.neighbours import moved
from catalog.once import insert_once
from catalog.spans import at_revision
from catalog.tables.mesh import ListingRow
from catalog.tables.row import table_of
from catalog.tables.trust import TrustDueRow, TrustRow, TrustWatchRow
from catalog.visible import visible
from engine.evaluation.score import Score
from engine.model import Json, Principal

if TYPE_CHECKING:
    from catalog.work import UnitOfWork

TRUST, DUE, WATCH = table_of(TrustRow), table_of(TrustDueRow), table_of(TrustWatchRow)
LISTING = table_of(ListingRow)
_LIVE = TRUST.c.until_revision.is_(None)


class Trust(NamedTuple):
    """The score of a line: `value` is None where there is none, and `reason` says why; `since` when it became so."""

    line_id: str
    version: str
    value: float | None
    grade: str
    reason: str
    terms: Sequence[Mapping[str, Json]]
    formula: str
    formula_revision: str
    since: datetime
    computed_at: datetime


@dataclass(frozen=True, slots=True)
class Scored:
    """What was computed for one line, from facts that were read at this revision and observation."""

    line_id: str
    domain: str
    version: str
    score: Score | None
    reason: str
    formula: str
    formula_revision: str


class Seen(NamedTuple):
    """Up to where the facts were read that scores were computed from."""

    revision: int
    observation: int


class Watch(NamedTuple):
    """What was looked at last for making scores due: which change, which day, which formula."""

    cursor: int
    day: str
    formula_revision: str


class Trusts:
    """Reads of scores."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def found(self, line_ids: Sequence[str], *, principal: Principal, at: int | None = None) -> dict[str, Trust]:
        """The score of each of these lines, or the one it had at that revision; one statement for all of them."""
        wanted = select(*(TRUST.c[name] for name in Trust._fields)).where(TRUST.c.line_id.in_(list(line_ids)))
        seen = at_revision(TRUST, at), visible(principal, TRUST.c.domain)
        with self._database.reading() as connection:
            rows = connection.execute(wanted.where(*seen)).all()
        return {row.line_id: Trust._make(row) for row in rows}

    def due(self, limit: int) -> list[tuple[int, str]]:
        """The oldest entries of the queue, each with its number and its line."""
        wanted = select(DUE.c.number, DUE.c.line_id).order_by(DUE.c.number).limit(limit)
        with self._database.reading() as connection:
            return [(row.number, row.line_id) for row in connection.execute(wanted)]

    def unseen(self, day: str, formula_revision: str) -> bool:
        """Whether something happened since it was last looked at what makes scores due."""
        with self._database.reading() as connection:
            return watched_on(connection) != Watch(last_on(connection), day, formula_revision)


class TrustBook:
    """The scores that one unit of work keeps."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def look(self, day: str, formula_revision: str) -> None:
        """Put in the queue what became due: everything for another day or formula, else what changes touch."""
        connection = self._work.connection
        before, now = watched_on(connection), Watch(last_on(connection), day, formula_revision)
        if before[1:] != now[1:]:
            listed = select(LISTING.c.line_id).where(LISTING.c.until_revision.is_(None)).order_by(LISTING.c.fqn)
            self._work.write(insert(DUE).from_select(["line_id"], listed))
        elif touched := moved(connection, before.cursor):
            self._work.write(insert(DUE), [{"line_id": one} for one in sorted(touched)])
        values = now._asdict()
        self._work.write(insert_once(WATCH, self._work.database.dialect), {"id": 1, **values})
        self._work.write(update(WATCH).values(**values))

    def keep(self, scored: Sequence[Scored], asked: Sequence[str], seen: Seen) -> None:
        """Keep what was computed of the lines that were asked; one that was left out is listed no more.

        What was computed from later facts meanwhile stays.
        """
        self._work.head()
        here = select(TRUST).where(_LIVE, TRUST.c.line_id.in_(list(asked)))
        live = {row["line_id"]: row for row in self._work.connection.execute(here).mappings()}
        made = {one.line_id: one for one in scored}
        for line in asked:
            before = live.get(line)
            if before is None or _at(before) <= seen:
                self._kept(before, made.get(line), seen)

    def done(self, numbers: Sequence[int]) -> None:
        """These entries of the queue were worked off."""
        self._work.write(delete(DUE).where(DUE.c.number.in_(list(numbers))))

    def _kept(self, before: Any, scored: Scored | None, seen: Seen) -> None:
        work = self._work
        moments = {"seen_revision": seen.revision, "seen_observation": seen.observation, "computed_at": work.at}
        row = None if scored is None else _row(scored)
        if before is not None and row is not None and _says(before) == _says(row):
            again = update(TRUST).where(TRUST.c.number == before["number"])
            work.write(again.values(terms=row["terms"], **moments))
            return
        if before is not None:
            ended = update(TRUST).where(TRUST.c.number == before["number"])
            work.write(ended.values(until_revision=work.revision))
        if row is not None:
            work.write(insert(TRUST), {**row, **moments, "since": work.at, "from_revision": work.revision})


def watched_on(connection: Connection) -> Watch:
    """What was looked at last; nothing yet where nobody looked."""
    row = connection.execute(select(*(WATCH.c[name] for name in Watch._fields))).one_or_none()
    return Watch(0, "", "") if row is None else Watch._make(row)


def told(score: Score) -> list[dict[str, Json]]:
    """The terms of a score as JSON."""
    return [
        {
            "name": one.name,
            "weight": one.weight,
            "value": one.value,
            "as_of": None if one.as_of is None else one.as_of.isoformat(),
            "note": one.note,
            "evidence": [{"kind": each.kind, "ref": each.ref} for each in one.evidence],
        }
        for one in score.terms
    ]


def _says(row: Any) -> list[Json]:
    """What makes a score another one: dates and notes of its terms do not, which may pass with the day."""
    names = ("version", "value", "grade", "reason", "formula", "formula_revision")
    terms = [[one[name] for name in ("name", "weight", "value", "evidence")] for one in row["terms"]]
    return [*(row[name] for name in names), terms]


def _at(row: Any) -> Seen:
    return Seen(row["seen_revision"], row["seen_observation"])


def _row(one: Scored) -> dict[str, Any]:
    names = ("line_id", "domain", "version", "reason", "formula", "formula_revision")
    score = one.score
    given = {
        "value": None if score is None else score.value,
        "grade": "" if score is None else score.grade,
        "terms": [] if score is None else told(score),
    }
    return {**{name: getattr(one, name) for name in names}, **given}
