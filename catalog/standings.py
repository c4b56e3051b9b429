"""How does every product line stand now, by the policies that hold now?

A line is accepted by one decision and may be judged otherwise later. Its standing stays as it is until another one is
known; what only confirms it moves the moment of confirmation and makes no revision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Select, func, insert, select, update

from catalog.among import among
from catalog.database import Database
from catalog.spans import at_revision
from catalog.tables.order import LinkRow
from catalog.tables.product import LineRow
from catalog.tables.row import table_of
from catalog.tables.standing import StandingRow
from catalog.tables.trust import TrustDueRow
from catalog.visible import visible
from engine.model import Outcome, Principal

if TYPE_CHECKING:
    from catalog.work import UnitOfWork

STANDING, LINE, LINK = table_of(StandingRow), table_of(LineRow), table_of(LinkRow)
DUE = table_of(TrustDueRow)
_LIVE = STANDING.c.until_revision.is_(None)


class State(StrEnum):
    """How a line stands."""

    COMPLIANT = "compliant"
    NON_COMPLIANT = "non_compliant"
    UNDECIDED = "undecided"

    @classmethod
    def of(cls, outcome: str) -> State:
        """What an outcome makes of a version that is in the mesh already."""
        return {Outcome.ACCEPTED: cls.COMPLIANT, Outcome.REJECTED: cls.NON_COMPLIANT}.get(
            Outcome(outcome), cls.UNDECIDED
        )


class Standing(NamedTuple):
    """The standing of a line: which decision says so, and until when that was confirmed.

    Confirmations make no revision (docs/decisions/0025), so a standing of the past tells the first one: when it began.
    """

    line_id: str
    version: str
    state: str
    decision_id: str
    decided_at: datetime
    confirmed_at: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """What a rescan found out about one line; `state_before` is how it stood until now."""

    line_id: str
    fqn: str
    version_id: str
    version: str
    domain: str
    state: State
    state_before: State
    decision_id: str
    decided_at: datetime
    said: Mapping[str, str]


class Standings:
    """The standings of one unit of work."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def confirm(self, line_ids: Sequence[str], *, rescan: str, cursor: int) -> None:
        """These lines stand as they stood."""
        if line_ids:
            values = {"rescan_id": rescan, "confirmed_at": self._work.at, "cursor": cursor}
            self._work.write(update(STANDING).where(_LIVE, STANDING.c.line_id.in_(list(line_ids))).values(**values))

    def close(self, line_ids: Sequence[str]) -> None:
        """These lines are not listed any more: they stand nowhere."""
        here = (_LIVE, STANDING.c.line_id.in_(list(line_ids)))
        if line_ids and self._work.connection.execute(select(STANDING.c.number).where(*here)).first() is not None:
            self._work.write(update(STANDING).where(*here).values(until_revision=self._work.revision))

    def set(self, judged: Sequence[Judged], *, rescan: str, cursor: int) -> None:
        """These lines stand otherwise, or for the first time; the feed says which of them changed their state.

        Their scores are to be computed again.
        """
        if not judged:
            return
        work = self._work
        ended = update(STANDING).where(_LIVE, STANDING.c.line_id.in_([one.line_id for one in judged]))
        work.write(ended.values(until_revision=work.revision))
        told = {"from_revision": work.revision, "rescan_id": rescan, "cursor": cursor, "confirmed_at": work.at}
        names = ("line_id", "version_id", "version", "domain", "decision_id", "decided_at")
        rows = [{**{name: getattr(one, name) for name in names}, **told} for one in judged]
        for row, one in zip(rows, judged, strict=True):
            row |= {"state": str(one.state), "said": dict(one.said)}
            if one.state is not one.state_before:
                payload = {"version": one.version, "state": str(one.state), "before": str(one.state_before)}
                payload |= {"decision": one.decision_id, "rescan": rescan}
                work.changes.append("product.standing-changed", one.fqn, payload, domain=one.domain)
        work.write(insert(STANDING), rows)
        work.write(insert(DUE), [{"line_id": one.line_id} for one in judged])


class StandingsRead:
    """Reads of standings, now or as they were `at` a revision."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def found(self, line_ids: Sequence[str], *, principal: Principal, at: int | None = None) -> dict[str, Standing]:
        """The standings of these lines, by line; one statement for all."""
        statement = _standings(at).where(at_revision(STANDING, at), among(STANDING.c.line_id, "lines"))
        statement = statement.where(visible(principal, STANDING.c.domain))
        with self._database.reading() as connection:
            rows: Sequence[Any] = connection.execute(statement, {"lines": list(line_ids)}).all()
        return {row.line_id: Standing._make(row) for row in rows}

    def counted(self) -> dict[str, int]:
        """How many lines stand in each state, none left out."""
        with self._database.reading() as connection:
            counts = select(STANDING.c.state, func.count().label("lines")).where(_LIVE).group_by(STANDING.c.state)
            rows = connection.execute(counts).all()
        return {**dict.fromkeys(map(str, State), 0), **{row.state: row.lines for row in rows}}


def rejected_since(connection: Connection, version_id: str, moment: datetime) -> str | None:
    """The decision by which a rescan found this version wanting after a moment, where it stands so now."""
    rejects = (STANDING.c.state == State.NON_COMPLIANT, STANDING.c.decided_at > moment)
    found = select(STANDING.c.decision_id).where(_LIVE, STANDING.c.version_id == version_id, *rejects)
    return connection.execute(found).scalar()


def _standings(at: int | None) -> Select[Any]:
    columns = [STANDING.c[name] for name in Standing._fields if name != "confirmed_at"]
    if at is None:
        return select(*columns, STANDING.c.confirmed_at)
    began = func.coalesce(LINK.c.at, STANDING.c.decided_at).label("confirmed_at")
    return select(*columns, began).outerjoin(LINK, LINK.c.revision == STANDING.c.from_revision)
