"""What is shown of stored versions to whoever judges whether they fit a need?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, select

from catalog import spans
from catalog.among import among
from catalog.database import Database
from catalog.lines import LINE
from catalog.products import PRODUCT, STATUS, VERSION
from catalog.standings import STANDING, State
from catalog.visible import visible
from engine.model import Principal


class Candidate(NamedTuple):
    """One stored version: who it is, what it holds (`effective`, JSON), and how it stands by which decision."""

    version_id: str
    line_id: str
    fqn: str
    namespace: str
    name: str
    major: int
    version: str
    status: str
    domain: str
    effective: bytes
    state: str
    decision_id: str
    decided_at: datetime

    @property
    def product_fqn(self) -> str:
        """Its fqn without the major, which a reading may name."""
        return self.fqn.rpartition(":")[0]


class Candidates:
    """Reads of candidates."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._statement = lru_cache(maxsize=128)(_statement)

    def found(self, version_ids: Sequence[str], *, principal: Principal, at: int | None = None) -> dict[str, Candidate]:
        """These versions by their ids, as they stood at a revision (None: now); one statement for all of them."""
        with self._database.reading() as connection:
            rows = connection.execute(self._statement(principal, at), {"versions": list(version_ids)}).all()
        return {row.id: _candidate(row) for row in rows}


def _statement(principal: Principal, at: int | None) -> Select[Any]:
    """A standing counts only for the version that it is about; before one is known, the accepting decision speaks."""
    columns = (
        *(VERSION.c.id, VERSION.c.line_id, LINE.c.fqn, PRODUCT.c.namespace, PRODUCT.c.name, LINE.c.major),
        *(VERSION.c.version, STATUS.c.status, VERSION.c.domain, VERSION.c.effective),
        *(STANDING.c.state, STANDING.c.decision_id.label("stands_by"), STANDING.c.decided_at),
        *(VERSION.c.decision_id.label("accepted_by"), VERSION.c.accepted_at),
    )
    joined = VERSION.join(LINE, LINE.c.id == VERSION.c.line_id).join(PRODUCT, PRODUCT.c.id == VERSION.c.product_id)
    joined = joined.join(STATUS, and_(STATUS.c.version_id == VERSION.c.id, spans.at_revision(STATUS, at)))
    stands = and_(STANDING.c.version_id == VERSION.c.id, spans.at_revision(STANDING, at))
    found = select(*columns).select_from(joined.join(STANDING, stands, isouter=True))
    wanted = among(VERSION.c.id, "versions")
    return found.where(wanted, visible(principal, VERSION.c.domain))


def _candidate(row: Any) -> Candidate:
    if row.state is None:
        state, decision, moment = str(State.COMPLIANT), row.accepted_by, row.accepted_at
    else:
        state, decision, moment = row.state, row.stands_by, row.decided_at
    return Candidate._make((*row[:10], state, decision, moment))
