"""Which bundles were released to this catalog, which one is in force, and how does another one get there?"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, func, insert, select, update

from catalog.database import Database
from catalog.tables.release import ActiveReleaseRow, BundleReleaseRow
from catalog.tables.row import table_of
from engine.model import Json

if TYPE_CHECKING:
    from catalog.work import UnitOfWork

RELEASE, ACTIVE = table_of(BundleReleaseRow), table_of(ActiveReleaseRow)
BUNDLE = "mesh"
"""The one bundle that there is."""
_NOW = ACTIVE.c.until_revision.is_(None)


class Facts(NamedTuple):
    """What is known of a bundle before it is released here."""

    revision: str
    assignments_digest: str
    waivers_digest: str
    released: datetime
    key_id: str
    policies: int


class Release(NamedTuple):
    """One release; `active_since` is when it came into force for the last time, if it is in force now."""

    number: int
    revision: str
    assignments_digest: str
    waivers_digest: str
    digest: str
    released: datetime
    key_id: str
    policies: int
    principal: str
    at: datetime
    active_since: datetime | None
    reason: str

    @property
    def digests(self) -> tuple[str, str, str]:
        """What a decision under this release names it by."""
        return self.revision, self.assignments_digest, self.waivers_digest


_OWN = tuple(RELEASE.c[name] for name in Release._fields if name not in ("active_since", "reason"))
_COLUMNS = (*_OWN, ACTIVE.c.at.label("active_since"), func.coalesce(ACTIVE.c.reason, ""))
_KNOWN = select(*_COLUMNS).join(ACTIVE, (ACTIVE.c.release_number == RELEASE.c.number) & _NOW, isouter=True)
_IN_FORCE = select(*_COLUMNS).join(ACTIVE, (ACTIVE.c.release_number == RELEASE.c.number) & _NOW)
ACTIVE_NUMBER = select(ACTIVE.c.release_number).where(_NOW, ACTIVE.c.bundle == BUNDLE)


class Releases:
    """Reads of releases. They belong to the whole mesh: nobody is hidden one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def active(self) -> Release | None:
        """The release that is in force."""
        with self._database.reading() as connection:
            return active_on(connection)

    def active_number(self) -> int | None:
        """The number of the release that is in force; one small statement, asked at every decision."""
        with self._database.reading() as connection:
            return active_number_on(connection)

    def page(self, *, first: int = 100, below: int | None = None) -> tuple[Release, ...]:
        """Releases, the newest first, from the one before number `below`."""
        statement = _KNOWN.order_by(RELEASE.c.number.desc()).limit(first)
        return self._all(statement if below is None else statement.where(RELEASE.c.number < below))

    def of_revision(self, revision: str) -> tuple[Release, ...]:
        """The releases of this revision of the policies, which may differ in assignments and waivers; newest first."""
        return self._all(_KNOWN.where(RELEASE.c.revision == revision).order_by(RELEASE.c.number.desc()))

    def before(self, number: int) -> Release | None:
        """The last release below this number that was ever in force."""
        once = RELEASE.c.number.in_(select(ACTIVE.c.release_number).where(ACTIVE.c.release_number < number))
        return next(iter(self._all(_KNOWN.where(once).order_by(RELEASE.c.number.desc()).limit(1))), None)

    def content(self, number: int) -> bytes:
        """The bundle of this release, byte for byte. The number must be one that was given out."""
        with self._database.reading() as connection:
            return bytes(connection.execute(select(RELEASE.c.content).where(RELEASE.c.number == number)).scalar_one())

    def _all(self, statement: Select[Any]) -> tuple[Release, ...]:
        with self._database.reading() as connection:
            return tuple(map(Release._make, connection.execute(statement).all()))


def active_on(connection: Connection) -> Release | None:
    """As `Releases.active`, on a connection that is already open."""
    row = connection.execute(_IN_FORCE.where(ACTIVE.c.bundle == BUNDLE)).one_or_none()
    return None if row is None else Release._make(row)


def active_number_on(connection: Connection) -> int | None:
    """As `Releases.active_number`, on a connection that is already open."""
    number: int | None = connection.execute(ACTIVE_NUMBER).scalar_one_or_none()
    return number


def find_on(connection: Connection, content: bytes) -> Release | None:
    """The release with exactly these bytes."""
    row = connection.execute(_KNOWN.where(RELEASE.c.digest == bindparam("digest")), {"digest": digest(content)}).first()
    return None if row is None else Release._make(row)


def digest(content: bytes) -> str:
    """What the chain knows a bundle by."""
    return hashlib.sha256(content).hexdigest()


def add(work: UnitOfWork, content: bytes, facts: Facts) -> int:
    """Keep this bundle, and give its number; one that is kept already keeps the number that it has."""
    work.head()
    if (known := find_on(work.connection, content)) is not None:
        return known.number
    number = 1 + (work.connection.execute(select(func.max(RELEASE.c.number))).scalar_one_or_none() or 0)
    row = {**facts._asdict(), "number": number, "digest": digest(content), "content": content}
    who = {"from_revision": work.revision, "principal": work.principal.id, "at": work.at}
    work.connection.execute(insert(RELEASE), {**row, **who})
    work.entries.add("release", str(number), row["digest"])
    return number


def activate(work: UnitOfWork, number: int, *, kind: str, reason: str = "") -> None:
    """Put this release in force from this unit of work's revision, and say so in the feed (`kind`)."""
    work.connection.execute(update(ACTIVE).where(_NOW, ACTIVE.c.bundle == BUNDLE).values(until_revision=work.revision))
    row = {"bundle": BUNDLE, "release_number": number, "reason": reason}
    who = {"from_revision": work.revision, "principal": work.principal.id, "at": work.at}
    work.connection.execute(insert(ACTIVE), {**row, **who})
    told = active_on(work.connection)
    assert told is not None, "the row was just written"
    names = ("number", "revision", "assignments_digest", "waivers_digest", "key_id")
    payload: dict[str, Json] = {name: getattr(told, name) for name in names}
    work.changes.append(kind, "", {**payload, "reason": reason})  # it happens to no product, so it has no subject
