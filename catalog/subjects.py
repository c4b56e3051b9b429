"""What is known of a listed version that is to be decided again?

The version that stands for a line is its highest one that is not withdrawn, as in lists and search.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import orjson
from sqlalchemy import Connection, Select, and_, case, select

from catalog.among import among
from catalog.database import Database
from catalog.lines import meant
from catalog.tables.decision import DecisionRow
from catalog.tables.mesh import ListingRow
from catalog.tables.product import LineRow, VersionRow
from catalog.tables.row import table_of
from catalog.tables.standing import StandingRow
from catalog.visible import visible
from engine.model import Identity, Json, Principal

LISTING, LINE, VERSION = table_of(ListingRow), table_of(LineRow), table_of(VersionRow)
STANDING, DECISION = table_of(StandingRow), table_of(DecisionRow)


@dataclass(frozen=True, slots=True)
class Known:
    """How a line stood when it was decided last."""

    version_id: str
    state: str
    decision_id: str
    decided_at: datetime
    said: Mapping[str, str]
    rescan_id: str
    cursor: int


@dataclass(frozen=True, slots=True)
class Subject:
    """The listed version of a line: who it is, what it holds, and how it stood."""

    identity: Identity
    version_id: str
    digest: str
    file: str
    owner: str
    line_accepted_at: datetime
    accepted_by: str
    decided_at: datetime
    accepted_record: bytes | None
    content: bytes
    known: Known | None

    @property
    def effective(self) -> dict[str, Json]:
        return cast(dict[str, Json], orjson.loads(self.content))

    @property
    def accepting(self) -> dict[str, Any] | None:
        """The report's entry of the decision that accepted the version; None when it was erased."""
        return None if self.accepted_record is None else cast(dict[str, Any], orjson.loads(self.accepted_record))


def subjects_on(connection: Connection, line_ids: Sequence[str]) -> list[Subject]:
    """The subjects of these lines, in the order of their fqn; what is not listed any more is left out."""
    wanted = _SUBJECTS.where(among(LISTING.c.line_id, "lines"))
    return [_subject(row) for row in connection.execute(wanted, {"lines": list(line_ids)}).mappings()]


def listed_on(connection: Connection) -> list[str]:
    """The ids of all lines that are listed, in the order of their fqn."""
    statement = select(LISTING.c.line_id).where(LISTING.c.until_revision.is_(None)).order_by(LISTING.c.fqn)
    return list(connection.execute(statement).scalars())


def listed_versions_on(connection: Connection, line_ids: Sequence[str]) -> dict[str, str]:
    """The id of the version that stands for each of these lines; a line that is not listed is left out."""
    wanted = select(LISTING.c.line_id, LISTING.c.version_id).where(LISTING.c.until_revision.is_(None))
    rows = connection.execute(wanted.where(among(LISTING.c.line_id, "lines")), {"lines": list(line_ids)})
    return {row.line_id: row.version_id for row in rows}


class Subjects:
    """Reads of subjects for whoever decides the catalog somewhere else."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, *, principal: Principal, after: str = "", limit: int = 100) -> list[Subject]:
        """The next subjects in the order of their fqn, after this one."""
        wanted = _SUBJECTS.where(LISTING.c.fqn > after, visible(principal, LISTING.c.domain)).limit(limit)
        with self._database.reading() as connection:
            return [_subject(row) for row in connection.execute(wanted).mappings()]

    def of(self, reference: str, *, principal: Principal) -> list[Subject]:
        """The subject of the line that an fqn in any dialect or an id means; none where nothing of it is listed."""
        wanted = _SUBJECTS.where(meant(reference), visible(principal, LISTING.c.domain))
        with self._database.reading() as connection:
            return [_subject(row) for row in connection.execute(wanted).mappings()]


_NAMES = ("fqn", "namespace", "name", "major", "version", "domain", "digest", "owner")
_KNOWN = ("version_id", "state", "decision_id", "decided_at", "said", "rescan_id", "cursor")


def _statement() -> Select[Any]:
    joined = LISTING.join(VERSION, VERSION.c.id == LISTING.c.version_id).join(LINE, LINE.c.id == LISTING.c.line_id)
    joined = joined.join(DECISION, DECISION.c.id == LISTING.c.decision_id)
    joined = joined.join(
        STANDING, and_(STANDING.c.line_id == LISTING.c.line_id, STANDING.c.until_revision.is_(None)), isouter=True
    )
    columns = (
        *(LISTING.c[name] for name in _NAMES),
        LISTING.c.line_id,
        LISTING.c.version_id,
        LINE.c.odm_id,
        LINE.c.accepted_at.label("line_accepted_at"),
        VERSION.c.effective,
        VERSION.c.root,
        DECISION.c.id.label("accepted_by"),
        DECISION.c.moment,
        # only where nothing newer was said: most of a record is never looked at
        case((STANDING.c.number.is_(None), DECISION.c.record)).label("record"),
        *(STANDING.c[name].label(f"known_{name}") for name in _KNOWN),
    )
    return select(*columns).select_from(joined).where(LISTING.c.until_revision.is_(None)).order_by(LISTING.c.fqn)


_SUBJECTS = _statement()


def _subject(row: Any) -> Subject:
    names = ("fqn", "odm_id", "namespace", "name", "major", "version", "domain")
    known = {name: row[f"known_{name}"] for name in _KNOWN}
    return Subject(
        identity=Identity(id=row["line_id"], **{name: row[name] for name in names}),
        version_id=row["version_id"],
        digest=row["digest"],
        file=row["root"],
        owner=row["owner"],
        line_accepted_at=row["line_accepted_at"],
        accepted_by=row["accepted_by"],
        decided_at=row["moment"],
        accepted_record=row["record"],
        content=row["effective"],
        known=None if known["version_id"] is None else Known(**known),
    )
