"""Which needs did consumers save, and which products fit them?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import delete, func, insert, select, update

from catalog import spans
from catalog.among import among
from catalog.database import Database
from catalog.tables.requirement import RequirementRow, RequirementStandingRow, RequirementWatchRow
from catalog.tables.row import table_of
from catalog.visible import visible
from engine.model import Json, Principal

if TYPE_CHECKING:
    from catalog.work import UnitOfWork

REQUIREMENT, FITS = table_of(RequirementRow), table_of(RequirementStandingRow)
WATCH = table_of(RequirementWatchRow)
NEVER = -1
"""The cursor of a requirement that was not asked yet."""


class SavedRequirement(NamedTuple):
    """One saved requirement; it is asked with the roles and domains that its owner had when it was saved."""

    id: str
    name: str
    principal: str
    roles: tuple[str, ...]
    principal_domains: tuple[str, ...]
    rego: str
    parameters: Mapping[str, Json]
    query: str
    package: str
    digest: str
    at: datetime

    @property
    def owner(self) -> Principal:
        """Who saved it, with the rights of then."""
        return Principal(self.principal, frozenset(self.roles), frozenset(self.principal_domains))


class FitStanding(NamedTuple):
    """Whether one product fits a saved requirement, since when it was found so, and when it was asked last."""

    line_id: str
    version_id: str
    fqn: str
    version: str
    domain: str
    verdict: str
    reasons: Sequence[Mapping[str, Json]]
    reason_count: int
    at: datetime
    asked_on: str


class Followed(NamedTuple):
    """How far a requirement has followed the feed (-1: not asked yet), and why not farther; empty when it could."""

    cursor: int
    day: str
    reason: str


_SAVED = tuple(REQUIREMENT.c[name] for name in SavedRequirement._fields)
_FITS = tuple(FITS.c[name] for name in FitStanding._fields)


class RequirementBook:
    """The saved requirements of one unit of work."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def save(self, one: SavedRequirement) -> None:
        """Keep it; it is asked for the first time soon. The same name twice breaks a constraint of the database."""
        spans.begun(self._work, REQUIREMENT, one._asdict())
        row = {"requirement_id": one.id, "cursor": NEVER, "day": "", "holder": "", "reason": ""}
        self._work.write(insert(WATCH), [{**row, "lease_until": 0.0, "retry_at": 0.0}])
        self._work.changes.append("requirement.saved", "", {"requirement": one.id, "name": one.name})

    def delete(self, one: SavedRequirement) -> None:
        """Ask it no more; what was found stays readable as it was at earlier revisions."""
        ended = {"until_revision": self._work.revision}
        self._work.write(update(REQUIREMENT).where(spans.now(REQUIREMENT, {"id": one.id})).values(ended))
        self._work.write(update(FITS).where(spans.now(FITS, {"requirement_id": one.id})).values(ended))
        self._work.write(delete(WATCH).where(WATCH.c.requirement_id == one.id))
        self._work.changes.append("requirement.deleted", "", {"requirement": one.id, "name": one.name})


class Requirements:
    """Reads of saved requirements; a requirement is shown to its owner, and to whoever may see all of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def listed(self, owner: str | None, *, at: int | None = None) -> tuple[SavedRequirement, ...]:
        """Those of a principal (None: of everybody), by owner and name."""
        mine = () if owner is None else (REQUIREMENT.c.principal == owner,)
        asked = select(*_SAVED).where(spans.at_revision(REQUIREMENT, at), *mine)
        with self._database.reading() as connection:
            rows = connection.execute(asked.order_by(REQUIREMENT.c.principal, REQUIREMENT.c.name)).all()
        return tuple(map(SavedRequirement._make, rows))

    def one(self, named: str, owner: str, *, at: int | None = None) -> SavedRequirement | None:
        """The one with this id, else the owner's own of this name."""
        here = select(*_SAVED).where(spans.at_revision(REQUIREMENT, at))
        by_name = here.where(REQUIREMENT.c.name == named, REQUIREMENT.c.principal == owner)
        with self._database.reading() as connection:
            row = connection.execute(here.where(REQUIREMENT.c.id == named)).first()
            row = row or connection.execute(by_name).first()
        return None if row is None else SavedRequirement._make(row)

    def standings(self, requirement_id: str, *, principal: Principal, at: int | None = None) -> tuple[FitStanding, ...]:
        """The products that were asked, those that fit first, then by their fqn."""
        asked = select(*_FITS).where(spans.at_revision(FITS, at), FITS.c.requirement_id == requirement_id)
        asked = asked.where(visible(principal, FITS.c.domain)).order_by(FITS.c.verdict, FITS.c.fqn)
        with self._database.reading() as connection:
            return tuple(map(FitStanding._make, connection.execute(asked).all()))

    def counted(self, requirement_ids: Sequence[str], *, at: int | None = None) -> dict[str, dict[str, int]]:
        """How many products fit each of these and how many do not; one statement for all."""
        asked = select(FITS.c.requirement_id, FITS.c.verdict, func.count().label("products"))
        asked = asked.where(spans.at_revision(FITS, at), among(FITS.c.requirement_id, "ids"))
        found = {one: {"fit": 0, "unfit": 0} for one in requirement_ids}
        with self._database.reading() as connection:
            rows: Sequence[Any] = connection.execute(
                asked.group_by(FITS.c.requirement_id, FITS.c.verdict), {"ids": list(requirement_ids)}
            ).all()
        for row in rows:
            found[row.requirement_id][row.verdict] = row.products
        return found

    def followed(self, requirement_ids: Sequence[str]) -> dict[str, Followed]:
        """How far each of these has followed the feed; one statement for all."""
        asked = select(WATCH.c.requirement_id, *(WATCH.c[name] for name in Followed._fields))
        wanted = asked.where(among(WATCH.c.requirement_id, "ids"))
        with self._database.reading() as connection:
            rows = connection.execute(wanted, {"ids": list(requirement_ids)}).all()
        return {row[0]: Followed._make(row[1:]) for row in rows}
