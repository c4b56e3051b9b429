"""How do versions keep what they promise, by what was observed of their lines?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, select

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
    """Reads of service levels; two statements for any number of versions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_versions(
        self, version_ids: Sequence[str], *, now: datetime, principal: Principal, at: int | None = None
    ) -> dict[str, tuple[SloStatus, ...]]:
        """How each of these versions keeps its promises over their windows, which end at `now`.

        `at` leaves out what was not known at that revision.
        """
        here = VERSION.c.id.in_(list(version_ids)), at_revision(VERSION, at), visible(principal, VERSION.c.domain)
        with self._database.reading() as connection:
            rows = connection.execute(select(VERSION.c.id, VERSION.c.line_id, VERSION.c.effective).where(*here)).all()
            asked = [(row, promises(orjson.loads(row.effective))) for row in rows]
            seen = _seen(connection, asked, now=now, principal=principal, at=at)
        return {row.id: statuses(promised, seen.get(row.line_id, {}), now=now) for row, promised in asked}


def statuses(promised: Sequence[Promise], seen: Observations, *, now: datetime) -> tuple[SloStatus, ...]:
    """How these promises are kept; what was observed of the product as a whole counts for each of its ports."""
    return tuple(status(one, _about(one, seen), now=now) for one in promised)


def earliest(promised: Sequence[Promise], *, now: datetime) -> datetime:
    """The beginning of the longest window."""
    return now - timedelta(seconds=max((one.window for one in promised), default=0.0))


def _about(promise: Promise, seen: Observations) -> list[Observation]:
    ports = dict.fromkeys((promise.port, ""))
    return [one for port in ports for one in seen.get((port, promise.indicator.key), ())]


def _seen(
    connection: Connection,
    asked: Sequence[tuple[Any, tuple[Promise, ...]]],
    *,
    now: datetime,
    principal: Principal,
    at: int | None,
) -> Mapping[str, Observations]:
    every = [one for _, promised in asked for one in promised]
    lines = list(dict.fromkeys(row.line_id for row, promised in asked if promised))
    return observed_on(connection, lines, since=earliest(every, now=now), principal=principal, at=at)


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
