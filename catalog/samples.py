"""Who was shown which data of a port, and what does the contract say of that port's columns?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import insert, select

from catalog import cursor
from catalog.database import Database
from catalog.lines import LINE
from catalog.products import PORT, VERSION
from catalog.shown import Page
from catalog.tables.columns import dumps
from catalog.tables.mesh import ColumnRow
from catalog.tables.row import table_of
from catalog.tables.sample import SampleRow
from catalog.visible import visible
from engine.model import Principal

if TYPE_CHECKING:
    from catalog.work import UnitOfWork

SAMPLE, COLUMN = table_of(SampleRow), table_of(ColumnRow)
SCOPE = "samples, the newest first"
OUTPUT = "outputport"
MOST_COLUMNS = 5_000


class RecordedSample(NamedTuple):
    """One request for a sample and what came of it."""

    id: str
    at: datetime
    principal: str
    roles: tuple[str, ...]
    purpose: str
    fqn: str
    version: str
    domain: str
    port: str
    dataset: str
    environment: str
    connector: str
    columns: tuple[str, ...]
    masked: Mapping[str, str]
    rows: int
    bytes: int
    policy: str
    outcome: str
    reason: str
    detail: str


class SampledPort(NamedTuple):
    """An output port of a version, as far as sampling needs it."""

    version_id: str
    platform: str
    services_type: str
    tags: tuple[str, ...]


class SampledColumn(NamedTuple):
    """A column that a version declares for the port."""

    version_id: str
    dataset: str
    path: str
    type: str
    tags: tuple[str, ...]


_RECORDED = tuple(SAMPLE.c[name] for name in RecordedSample._fields)


class SampleBook:
    """The record of samples in one unit of work."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def add(self, one: RecordedSample) -> None:
        """Record it; nothing of a sample is shown before this was committed."""
        row = {name: _stored(value) for name, value in one._asdict().items()}
        self._work.write(insert(SAMPLE), {**row, "from_revision": self._work.revision})
        self._work.entries.add("sample", one.id, digest(row))


def digest(row: Mapping[str, Any]) -> str:
    """The digest by which the chain knows a sample; `row` has the columns of a row."""
    told = [row[name] for name in RecordedSample._fields if name != "at"]
    return hashlib.sha256(dumps([*told, row["at"].timestamp()])).hexdigest()


class Samples:
    """Reads of the record, and of what is needed to sample."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self,
        *,
        principal: Principal,
        first: int = 50,
        after: str | None = None,
        by: str | None = None,
        fqn: str | None = None,
        at: int | None = None,
    ) -> Page[tuple[int, RecordedSample]]:
        """What was asked for, the newest first; `by` and `fqn` narrow it. Raises CursorInvalid."""
        scope = f"{SCOPE} {by or ''} {fqn or ''}"
        asked = select(SAMPLE.c.number, *_RECORDED).where(visible(principal, SAMPLE.c.domain))
        if after is not None:
            asked = asked.where(SAMPLE.c.number < cursor.read(after, scope=scope, shape=(int,))[0])
        for column, wanted in ((SAMPLE.c.principal, by), (SAMPLE.c.fqn, fqn)):
            asked = asked if wanted is None else asked.where(column == wanted)
        if at is not None:
            asked = asked.where(SAMPLE.c.from_revision <= at)
        with self._database.reading() as connection:
            rows = connection.execute(asked.order_by(SAMPLE.c.number.desc()).limit(first + 1)).all()
        items = tuple((row[0], RecordedSample._make(row[1:])) for row in rows[:first])
        return Page(items, len(rows) > first, scope, lambda item: (item[0],))

    def line_of(self, version_id: str, *, principal: Principal) -> str | None:
        """The fqn of the line that this version belongs to."""
        asked = select(LINE.c.fqn).join(VERSION, VERSION.c.line_id == LINE.c.id).where(VERSION.c.id == version_id)
        with self._database.reading() as connection:
            return connection.execute(asked.where(visible(principal, VERSION.c.domain))).scalar()

    def ports(self, version_ids: Sequence[str], name: str, *, principal: Principal) -> dict[str, SampledPort]:
        """The output port of this name of each of these versions, by the version."""
        columns = (PORT.c[one] for one in SampledPort._fields)
        asked = select(*columns).join(VERSION, VERSION.c.id == PORT.c.version_id)
        wanted = PORT.c.version_id.in_(version_ids), PORT.c.kind == OUTPUT, PORT.c.name == name
        with self._database.reading() as connection:
            rows = connection.execute(asked.where(*wanted, visible(principal, VERSION.c.domain))).all()
        return {row.version_id: SampledPort._make(row) for row in rows}

    def columns(self, version_ids: Sequence[str], name: str, *, principal: Principal) -> tuple[SampledColumn, ...]:
        """What these versions declare for the output port, in the order of their definitions."""
        columns = (COLUMN.c[one] for one in SampledColumn._fields)
        asked = select(*columns).join(VERSION, VERSION.c.id == COLUMN.c.version_id)
        wanted = COLUMN.c.version_id.in_(version_ids), COLUMN.c.port_kind == OUTPUT, COLUMN.c.port == name
        asked = asked.where(*wanted, visible(principal, VERSION.c.domain))
        with self._database.reading() as connection:
            rows = connection.execute(asked.order_by(COLUMN.c.version_id, COLUMN.c.position).limit(MOST_COLUMNS)).all()
        return tuple(map(SampledColumn._make, rows))


def _stored(value: Any) -> Any:
    """The value as a row holds it: no NUL, which PostgreSQL takes in no text."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, tuple):
        return [_stored(one) for one in value]
    if isinstance(value, Mapping):
        return {_stored(key): _stored(one) for key, one in value.items()}
    return value
