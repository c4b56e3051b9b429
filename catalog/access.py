"""How does a request for access come into the catalog, who decided on it, and which ones are there?"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Select, and_, desc, or_, select

from catalog import cursor
from catalog.database import Database
from catalog.lines import LINE, meant
from catalog.shown import Page
from catalog.spans import at_revision, begun, changed, now
from catalog.tables.access import AccessRequestRow
from catalog.tables.row import table_of
from catalog.visible import visible
from engine.model import Json, Principal

if TYPE_CHECKING:
    from catalog.work import UnitOfWork

ACCESS = table_of(AccessRequestRow)
OPEN = ("requested", "approved")
"""States that end some day by themselves."""


class AccessRequest(NamedTuple):
    """One request as it stands; `note` says why the last step (by `principal`, at `at`) was taken."""

    id: str
    state: str
    line_id: str
    product_id: str
    product: str
    major: int
    version: str
    decision_id: str
    port: str
    environment: str
    subject: str
    purpose: str
    domain: str
    requested_by: str
    requested_at: datetime
    approved_by: str
    ends: datetime
    note: str
    principal: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for: that `subject` may read this port of whatever runs of the line there, until `ends`."""

    line_id: str
    product_id: str
    product: str
    major: int
    version: str
    decision_id: str
    port: str
    environment: str
    subject: str
    purpose: str
    domain: str
    ends: datetime


@dataclass(frozen=True, slots=True)
class Sought:
    """Which requests somebody looks for; None stands for all."""

    product: str | None = None
    port: str | None = None
    environment: str | None = None
    subject: str | None = None
    states: Collection[str] | None = None


_COLUMNS = tuple(ACCESS.c[name] for name in AccessRequest._fields)


def found_on(connection: Connection, request_id: str) -> AccessRequest | None:
    """The request with this id as it stands now."""
    row = connection.execute(select(*_COLUMNS).where(now(ACCESS, {"id": request_id}))).one_or_none()
    return None if row is None else AccessRequest._make(row)


def waiting_on(connection: Connection, asked: Asked) -> AccessRequest | None:
    """A request for the same that nobody has decided on yet."""
    same = {name: getattr(asked, name) for name in ("line_id", "port", "environment", "subject")}
    row = connection.execute(select(*_COLUMNS).where(now(ACCESS, {**same, "state": "requested"}))).first()
    return None if row is None else AccessRequest._make(row)


def over_on(connection: Connection, moment: datetime, *, limit: int) -> list[AccessRequest]:
    """Open requests whose time is over at this moment, the earliest first."""
    over = (ACCESS.c.until_revision.is_(None), ACCESS.c.state.in_(OPEN), ACCESS.c.ends <= moment)
    rows = connection.execute(select(*_COLUMNS).where(*over).order_by(ACCESS.c.ends).limit(limit))
    return [AccessRequest._make(row) for row in rows]


def granted_on(
    connection: Connection, line_ids: Sequence[str], environment: str, *, moment: datetime
) -> list[AccessRequest]:
    """The grants that hold at this moment for ports of these lines in an environment, by port and subject."""
    held = (ACCESS.c.until_revision.is_(None), ACCESS.c.state == "approved", ACCESS.c.ends > moment)
    here = (ACCESS.c.line_id.in_(line_ids), ACCESS.c.environment == environment)
    rows = connection.execute(select(*_COLUMNS).where(*held, *here).order_by(ACCESS.c.port, ACCESS.c.subject))
    return [AccessRequest._make(row) for row in rows]


class AccessBook:
    """The requests of one unit of work; call `work.head()` before reading what you rely on."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def request(self, asked: Asked) -> AccessRequest:
        """Add a request of the principal of this work; it lets nobody in until it is approved."""
        work = self._work
        row: dict[str, Any] = {
            **{name: getattr(asked, name) for name in Asked.__slots__},
            **{"id": uuid.uuid4().hex, "state": "requested", "note": ""},
            **{"requested_by": work.principal.id, "requested_at": work.at, "approved_by": ""},
            **{"principal": work.principal.id, "at": work.at},
        }
        begun(work, ACCESS, row)
        return self._told(AccessRequest(**row))

    def step(self, request_id: str, state: str, *, note: str) -> AccessRequest:
        """Bring a request to its next state; what it was before stays readable."""
        who = self._work.principal.id
        approver = {"approved_by": who} if state == "approved" else {}
        values = {"state": state, "note": note, "principal": who, **approver}
        row = changed(self._work, ACCESS, {"id": request_id}, values)
        return self._told(AccessRequest(**{name: row[name] for name in AccessRequest._fields}))

    def _told(self, made: AccessRequest) -> AccessRequest:
        """Tell the feed everything that the request says, so that it can be made again from there."""
        names = ("line_id", "product_id", "major", "version", "port", "environment", "subject", "purpose")
        people = {name: value for name in ("requested_by", "approved_by", "note") if (value := getattr(made, name))}
        told: dict[str, Json] = {name: getattr(made, name) for name in names}
        payload = {"request": made.id, **told, **people, "decision": made.decision_id, "until": made.ends.isoformat()}
        self._work.changes.append(f"access.{made.state}", made.product, payload, domain=made.domain)
        return made


class AccessRequests:
    """Reads of requests as they are now, or were `at` a revision."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def one(self, request_id: str, *, principal: Principal, at: int | None = None) -> AccessRequest | None:
        """The request with this id."""
        shown = _requests(principal, at).where(ACCESS.c.id == request_id)
        with self._database.reading() as connection:
            row = connection.execute(shown).one_or_none()
        return None if row is None else AccessRequest._make(row)

    def page(
        self,
        sought: Sought,
        *,
        principal: Principal,
        first: int = 100,
        after: str | None = None,
        at: int | None = None,
    ) -> Page[AccessRequest]:
        """The requests that are looked for, the newest first. Raises CursorInvalid."""
        states = None if sought.states is None else sorted(sought.states)
        kept = [sought.product, sought.port, sought.environment, sought.subject, states]
        scope = f"access requests {kept}{cursor.of_revision(at)}"
        statement = _sought(_requests(principal, at), sought, at)
        if after is not None:
            moment, id = cursor.read(after, scope=scope, shape=(str, str))
            before = cursor.moment(moment)
            older = and_(ACCESS.c.requested_at == before, ACCESS.c.id > id)
            statement = statement.where(or_(ACCESS.c.requested_at < before, older))
        ordered = statement.order_by(desc(ACCESS.c.requested_at), ACCESS.c.id).limit(first + 1)
        with self._database.reading() as connection:
            rows = connection.execute(ordered).all()
        items = tuple(AccessRequest._make(row) for row in rows[:first])
        return Page(items, len(rows) > first, scope, lambda one: (one.requested_at.isoformat(), one.id))

    def of_lines(
        self, line_ids: Sequence[str], *, principal: Principal, at: int | None = None
    ) -> dict[str, tuple[AccessRequest, ...]]:
        """The requests of each of these lines, the newest first, by one statement."""
        mine = _requests(principal, at).where(ACCESS.c.line_id.in_(line_ids))
        grouped: dict[str, tuple[AccessRequest, ...]] = dict.fromkeys(line_ids, ())
        with self._database.reading() as connection:
            for row in connection.execute(mine.order_by(desc(ACCESS.c.requested_at), ACCESS.c.id)):
                one = AccessRequest._make(row)
                grouped[one.line_id] = (*grouped[one.line_id], one)
        return grouped


def _requests(principal: Principal, at: int | None) -> Select[Any]:
    return select(*_COLUMNS).where(at_revision(ACCESS, at), visible(principal, ACCESS.c.domain))


def _sought(statement: Select[Any], sought: Sought, at: int | None) -> Select[Any]:
    if sought.product is not None:
        statement = statement.where(ACCESS.c.line_id.in_(select(LINE.c.id).where(meant(sought.product, at=at))))
    for name in ("port", "environment", "subject"):
        wanted = getattr(sought, name)
        statement = statement if wanted is None else statement.where(ACCESS.c[name] == wanted)
    return statement if sought.states is None else statement.where(ACCESS.c.state.in_(sorted(sought.states)))
