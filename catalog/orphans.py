"""What does the catalog know of what runs in an environment, and what was found there the last time?"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, insert, select, update
from sqlalchemy.exc import IntegrityError

from catalog import clock
from catalog.database import Database
from catalog.deployments import CONTAINER, DEPLOYMENT
from catalog.resource_book import RESOURCE
from catalog.tables.access import OrphanReportRow
from catalog.tables.row import table_of
from engine.model import Json
from engine.provision.states import RUNNING

REPORT = table_of(OrphanReportRow)


class Report(NamedTuple):
    """What was found when an environment was looked through.

    `orphans` bear our labels, and no row knows them; `missing` have a row, and are not there; `unknown` are the
    adapters that could not say.
    """

    environment: str
    at: datetime
    orphans: tuple[dict[str, Json], ...]
    missing: tuple[dict[str, Json], ...]
    unknown: tuple[dict[str, Json], ...]


class Known(NamedTuple):
    """A stored resource, with its container: is that live, and is a deployment at work on it?"""

    container_id: str
    resource_id: str
    fqn: str
    adapter: str
    state: str
    request: Any
    at: datetime
    status: str
    deployment_state: str

    @property
    def settled(self) -> bool:
        """Whether no deployment is at work on its container."""
        return self.deployment_state not in RUNNING


_REPORT = tuple(REPORT.c[name] for name in Report._fields)
_KNOWN = (
    *(RESOURCE.c[name] for name in ("container_id", "resource_id", "fqn", "adapter", "state", "request", "at")),
    CONTAINER.c.status,
    DEPLOYMENT.c.state,
)


def known_on(connection: Connection, environment: str) -> list[Known]:
    """Every resource that was ever made for a container in this environment, as it stands now."""
    joined = RESOURCE.join(CONTAINER, and_(CONTAINER.c.id == RESOURCE.c.container_id, _now(CONTAINER)))
    joined = joined.join(DEPLOYMENT, and_(DEPLOYMENT.c.id == CONTAINER.c.deployment_id, _now(DEPLOYMENT)))
    found = select(*_KNOWN).select_from(joined).where(_now(RESOURCE), CONTAINER.c.environment == environment)
    return [Known._make(row) for row in connection.execute(found)]


def taken(database: Database, environment: str, *, at: datetime, seconds: float) -> bool:
    """Whether it is time to look through this environment, which then nobody else does for so many seconds."""
    now = clock.seconds(database.dialect)
    due = update(REPORT).where(REPORT.c.environment == environment, REPORT.c.due_at <= now)
    first: dict[str, Any] = {"environment": environment, "at": at, "orphans": [], "missing": [], "unknown": []}
    with suppress(IntegrityError), database.writing() as connection:  # somebody else was the first
        there = connection.execute(select(REPORT.c.due_at).where(REPORT.c.environment == environment)).one_or_none()
        if there is None:
            connection.execute(insert(REPORT).values(due_at=now + seconds, **first))
        elif connection.execute(due.values(due_at=now + seconds)).rowcount == 0:
            return False
        connection.commit()
        return True
    return False


def last_on(connection: Connection, environment: str) -> Report | None:
    """The last report on this environment."""
    row = connection.execute(select(*_REPORT).where(REPORT.c.environment == environment)).one_or_none()
    return None if row is None else _report(row)


def keep(connection: Connection, report: Report, *, seconds: float) -> None:
    """Keep the report in place of the last one; the next one is due in so many seconds."""
    values: dict[str, Any] = {name: list(getattr(report, name)) for name in ("orphans", "missing", "unknown")}
    values |= {"at": report.at, "due_at": clock.seconds(connection.dialect.name) + seconds}
    here = update(REPORT).where(REPORT.c.environment == report.environment).values(**values)
    if connection.execute(here).rowcount == 0:
        connection.execute(insert(REPORT).values(environment=report.environment, **values))


class Orphans:
    """Reads of the last reports."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reports(self, environments: Sequence[str] | None = None) -> tuple[Report, ...]:
        """The last report on each of these environments, or on all, by name; none on what was never looked through."""
        found = select(*_REPORT)
        found = found if environments is None else found.where(REPORT.c.environment.in_(environments))
        with self._database.reading() as connection:
            return tuple(sorted((_report(row) for row in connection.execute(found)), key=lambda one: one.environment))


def _report(row: Any) -> Report:
    return Report(row.environment, row.at, *(tuple(getattr(row, name)) for name in ("orphans", "missing", "unknown")))


def _now(table: Any) -> Any:
    return table.c.until_revision.is_(None)
