"""How does a waiver come into the catalog, who decided on it, and which ones are there?"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, bindparam, select

from catalog.database import Database
from catalog.spans import at_revision, begun, changed, now
from catalog.tables.governing import WaiverRow
from catalog.tables.row import table_of
from catalog.visible import visible
from engine.model import Json, Principal
from engine.policy.waivers import Waiver

if TYPE_CHECKING:
    from catalog.work import UnitOfWork

WAIVER = table_of(WaiverRow)
_LIVE = WAIVER.c.until_revision.is_(None)
_TEXTS = ("policy", "code", "product", "component", "within", "reason", "ticket")


class StoredWaiver(NamedTuple):
    """One waiver of the catalog as it stands; `note` says why the last step (by `principal`, at `at`) was taken."""

    id: str
    state: str
    policy: str
    code: str
    product: str
    component: str
    within: str
    reason: str
    ticket: str
    domain: str
    requested_by: str
    requested_at: datetime
    approved_by: str
    begins: datetime
    ends: datetime
    note: str
    principal: str
    at: datetime


_COLUMNS = tuple(WAIVER.c[name] for name in StoredWaiver._fields)
_APPROVED = select(*_COLUMNS).where(WAIVER.c.state == "approved").order_by(WAIVER.c.number)
_ONE = select(*_COLUMNS).where(_LIVE, WAIVER.c.id == bindparam("id"))


def approved_on(connection: Connection, *, at: int | None = None) -> tuple[Waiver, ...]:
    """Every waiver that is approved now, or was at a revision, whenever it holds, in the order of approval."""
    rows = connection.execute(_APPROVED.where(at_revision(WAIVER, at)))
    return tuple(_waiver(StoredWaiver._make(row)) for row in rows)


def found_on(connection: Connection, waiver_id: str) -> StoredWaiver | None:
    """The waiver with this id as it stands now."""
    row = connection.execute(_ONE, {"id": waiver_id}).one_or_none()
    return None if row is None else StoredWaiver._make(row)


class WaiverBook:
    """The waivers of one unit of work; call `work.head()` before reading what you rely on."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def request(self, asked: Mapping[str, str], *, domain: str, begins: datetime, ends: datetime) -> StoredWaiver:
        """Add a waiver that the principal of this work asks for; it excuses nothing until it is approved."""
        work = self._work
        row: dict[str, Any] = {
            **{name: asked.get(name, "") for name in _TEXTS},
            **{"id": uuid.uuid4().hex, "state": "requested", "domain": domain},
            **{"requested_by": work.principal.id, "requested_at": work.at, "approved_by": ""},
            **{"begins": begins, "ends": ends, "note": "", "principal": work.principal.id, "at": work.at},
        }
        begun(work, WAIVER, row)
        return self._told(StoredWaiver(**row))

    def step(self, waiver_id: str, state: str, *, note: str) -> StoredWaiver:
        """Bring a waiver to its next state; what it was before stays readable."""
        who = self._work.principal.id
        approver = {"approved_by": who} if state == "approved" else {}
        row = changed(
            self._work, WAIVER, {"id": waiver_id}, {"state": state, "note": note, "principal": who, **approver}
        )
        return self._told(StoredWaiver(**{name: row[name] for name in StoredWaiver._fields}))

    def _told(self, waiver: StoredWaiver) -> StoredWaiver:
        names = (*_TEXTS, "requested_by", "approved_by", "note")
        told: dict[str, Json] = {name: value for name in names if (value := getattr(waiver, name))}
        days = {"from": waiver.begins.isoformat(), "until": waiver.ends.isoformat()}
        payload = {"waiver": waiver.id, **told, **days}
        self._work.changes.append(f"waiver.{waiver.state}", waiver.product, payload, domain=waiver.domain)
        return waiver


class Waivers:
    """Reads of the catalog's own waivers; those of the governance folder are not here."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, *, principal: Principal) -> tuple[StoredWaiver, ...]:
        """Every waiver as it stands now, in the order in which they end."""
        statement = select(*_COLUMNS).where(_LIVE, visible(principal, WAIVER.c.domain))
        with self._database.reading() as connection:
            rows = connection.execute(statement.order_by(WAIVER.c.ends, WAIVER.c.id)).all()
        return tuple(map(StoredWaiver._make, rows))

    def one(self, waiver_id: str, *, principal: Principal) -> StoredWaiver | None:
        """The waiver with this id as it stands now."""
        statement = select(*_COLUMNS).where(now(WAIVER, {"id": waiver_id}), visible(principal, WAIVER.c.domain))
        with self._database.reading() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else StoredWaiver._make(row)


def _waiver(stored: StoredWaiver) -> Waiver:
    texts = {name: getattr(stored, name) for name in (*_TEXTS, "id", "requested_by", "approved_by")}
    return Waiver(**texts, begins=stored.begins, ends=stored.ends)
