"""How do versions keep what they promise, by what was observed of their lines?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, select

from catalog.candidates import Candidate
from catalog.database import Database
from catalog.observations import observed_on
from catalog.spans import at_revision
from catalog.tables.product import VersionRow
from catalog.tables.row import table_of
from catalog.visible import visible
from engine.evaluation.budget import Observation, SloStatus, status
from engine.evaluation.promises import Promise, promises
from engine.model import Json, Principal

VERSION = table_of(VersionRow)

Observations = Mapping[tuple[str, str], Sequence[Observation]]
"""What was observed of a line, by port and indicator key."""


class Slos:
    """Reads of service levels; two statements for any number of versions, one where none of them promises anything."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_versions(
        self, version_ids: Sequence[str], *, now: datetime, principal: Principal, at: int | None = None
    ) -> dict[str, tuple[SloStatus, ...]]:
        """How each of these versions keeps its promises over their windows, which end at `now`.

        `at` leaves out what was not known at that revision.
        """
        here = VERSION.c.id.in_(list(version_ids)), at_revision(VERSION, at), visible(principal, VERSION.c.domain)
        columns = (VERSION.c.id.label("version_id"), VERSION.c.line_id, VERSION.c.effective)
        with self._database.reading() as connection:
            rows = connection.execute(select(*columns).where(*here)).all()
            return _kept(connection, rows, now=now, principal=principal, at=at)

    def of_candidates(
        self, candidates: Sequence[Candidate], *, now: datetime, principal: Principal, at: int | None = None
    ) -> dict[str, tuple[SloStatus, ...]]:
        """As `of_versions`, of versions that were read before: one statement less."""
        with self._database.reading() as connection:
            return _kept(connection, candidates, now=now, principal=principal, at=at)


def statuses(promised: Sequence[Promise], seen: Observations, *, now: datetime) -> tuple[SloStatus, ...]:
    """How these promises are kept; what was observed of the product as a whole counts for each of its ports."""
    return tuple(status(one, _about(one, seen), now=now) for one in promised)


def earliest(promised: Sequence[Promise], *, now: datetime) -> datetime:
    """The beginning of the longest window."""
    return now - timedelta(seconds=max((one.window for one in promised), default=0.0))


def _about(promise: Promise, seen: Observations) -> list[Observation]:
    ports = dict.fromkeys((promise.port, ""))
    return [one for port in ports for one in seen.get((port, promise.indicator.key), ())]


def _kept(
    connection: Connection, versions: Sequence[Any], *, now: datetime, principal: Principal, at: int | None
) -> dict[str, tuple[SloStatus, ...]]:
    """By id, how versions keep their promises, of which `version_id`, `line_id` and `effective` are known."""
    asked = [(one, promises(orjson.loads(one.effective))) for one in versions]
    since = earliest([one for _, promised in asked for one in promised], now=now)
    lines = list(dict.fromkeys(one.line_id for one, promised in asked if promised))
    seen = observed_on(connection, lines, since=since, principal=principal, at=at)
    return {one.version_id: statuses(promised, seen.get(one.line_id, {}), now=now) for one, promised in asked}


def told(one: SloStatus) -> dict[str, Json]:
    """A status as JSON, as REST and formulas see it; amounts are in seconds, shares of one, or per second."""
    promise, last = one.promise, one.last
    return {
        "port": promise.port,
        "indicator": promise.indicator.name,
        "comparator": str(promise.comparator),
        "threshold": promise.threshold.amount,
        "unit": promise.threshold.unit,
        "written": promise.written,
        "target": promise.target,
        "target_stated": promise.stated,
        "window_seconds": promise.window,
        "pointer": promise.pointer,
        "state": str(one.state),
        "as_of": one.as_of.isoformat(),
        "attainment": one.attainment,
        "budget": {"allowed": one.allowed, "consumed": one.consumed, "left": one.left},
        "observations": one.observations,
        "foreign_observations": one.foreign,
        "last": None if last is None else _last(last),
    }


def _last(one: Observation) -> dict[str, Json]:
    told = {name: getattr(one, name) for name in ("id", "value", "source", "principal")}
    return {**told, "amount": one.amount.amount, "unit": one.amount.unit, "observed_at": one.observed_at.isoformat()}
