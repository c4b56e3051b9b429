"""How do versions of products differ, and which version brought each port and column?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, select

from catalog.among import among
from catalog.database import Database
from catalog.parts import parts_on
from catalog.spans import Revision, at_revision
from catalog.tables.product import VersionRow
from catalog.tables.row import table_of
from catalog.visible import visible
from engine.descriptor import Parts, Submission, ingest
from engine.descriptor.changes import Schemas
from engine.descriptor.changes.told import Difference, differences, parts_of
from engine.descriptor.contracts.elsewhere import any_leads_elsewhere
from engine.descriptor.contracts.port_schemas import SchemaReader, reader_of
from engine.model import ChangeLevel, Descriptor, Json, Principal

VERSION = table_of(VersionRow)
MINE = VERSION.alias("mine")
MOST_VERSIONS = 500
"""Versions of one product that are looked through for who brought what, the newest first."""

_CONTENT = select(VERSION.c.id, VERSION.c.effective, VERSION.c.root).where(among(VERSION.c.id, "versions"))


class Diff(NamedTuple):
    """What changed from one version of a product to another; `level` is the greatest of its changes, None for none."""

    before: str
    now: str
    level: ChangeLevel | None
    differences: tuple[Difference, ...]


class Brought(NamedTuple):
    """The version that brought something, with the decision that accepted it, when, and who submitted it."""

    version: str
    decision_id: str
    accepted_at: datetime
    submitted_by: str


class Blamed(NamedTuple):
    """A port (`column` is empty) or one of its columns, and which versions brought it and last changed it."""

    kind: str
    port: str
    column: str
    introduced: Brought
    changed: Brought


class Blame(NamedTuple):
    """Every port and column of a version; unless `complete`, what is oldest may be older still."""

    entries: tuple[Blamed, ...]
    complete: bool


class _Known(NamedTuple):
    id: str
    product_id: str
    version: str
    precedence: str


class Evolution:
    """Reads about the versions of products; at most three statements for any number of products."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def diffs(
        self,
        version_ids: Sequence[str],
        *,
        principal: Principal,
        before: str | None = None,
        now: str | None = None,
        at: int | None = None,
    ) -> dict[str, Diff]:
        """For each of these versions what changed up to it; to `now` instead where that is given.

        Compared is `before`, else the highest accepted version of the product below, across majors. Left out where one
        of the two is not there.
        """
        with self._database.snapshot() as connection:
            pairs = dict(self._pairs(connection, version_ids, principal, before, now, at))
            wanted = list({one.id for pair in pairs.values() for one in pair})
            contents = _contents(connection, wanted)
        return {key: _diff(*pair, contents) for key, pair in pairs.items()}

    def proposed(self, version_id: str, descriptor: Descriptor, *, principal: Principal) -> Diff | None:
        """What a descriptor that was only read would change of a stored version; None where that is not there."""
        statement = _siblings(principal, None)
        with self._database.snapshot() as connection:
            rows = connection.execute(statement, {"versions": [version_id]}).all()
            before = next((row for row in rows if row.id == version_id), None)
            if before is None or descriptor.effective is None or descriptor.identity is None:
                return None
            old = _contents(connection, [version_id])[version_id]
        found = differences(old.effective, descriptor.effective, Schemas(old.reader, reader_of(descriptor)))
        level = max((one.change.level for one in found), default=None)
        return Diff(before.version, descriptor.identity.version, level, found)

    def _pairs(
        self,
        connection: Connection,
        version_ids: Sequence[str],
        principal: Principal,
        before: str | None,
        now: str | None,
        at: int | None,
    ) -> Iterator[tuple[str, tuple[_Known, _Known]]]:
        found: dict[str, list[_Known]] = {}
        mine: dict[str, _Known] = {}
        for row in connection.execute(_siblings(principal, at), {"versions": list(version_ids)}):
            known = _Known(row.id, row.product_id, row.version, row.precedence)
            found.setdefault(row.product_id, []).append(known)
            mine[row.id] = known
        for key in version_ids:
            if key in mine:
                pair = _pair(mine[key], found[mine[key].product_id], before, now)
                if pair is not None:
                    yield key, pair

    def blame(self, version_ids: Sequence[str], *, principal: Principal, at: int | None = None) -> dict[str, Blame]:
        """For each of these versions which versions brought its ports and columns and last changed them."""
        with self._database.snapshot() as connection:
            rows = connection.execute(_siblings(principal, at), {"versions": list(version_ids)}).all()
            by_id = {row.id: row for row in rows}
            blames = {}
            for key in version_ids:
                if key in by_id:
                    product, precedence = by_id[key].product_id, by_id[key].precedence
                    chain = [one for one in rows if one.product_id == product and one.precedence <= precedence]
                    blames[key] = sorted(chain, key=lambda row: str(row.precedence))
            wanted = list({row.id for chain in blames.values() for row in chain[-MOST_VERSIONS:]})
            parts = {row.id: dict(_parts(row.effective)) for row in connection.execute(_CONTENT, {"versions": wanted})}
        return {key: _blame(chain, parts) for key, chain in blames.items()}


def _siblings(principal: Principal, at: Revision) -> Any:
    """All versions of the products of the versions in `versions`, accepted so far."""
    columns = ("id", "product_id", "version", "precedence", "decision_id", "accepted_at", "submitted_by")
    products = select(MINE.c.product_id).where(among(MINE.c.id, "versions"))
    statement = select(*(VERSION.c[name] for name in columns)).where(VERSION.c.product_id.in_(products))
    return statement.where(at_revision(VERSION, at), visible(principal, VERSION.c.domain))


def _pair(mine: _Known, all_of_it: list[_Known], before: str | None, now: str | None) -> tuple[_Known, _Known] | None:
    by_version = {one.version: one for one in all_of_it}
    to = mine if now is None else by_version.get(now)
    if to is None:
        return None
    below = [one for one in all_of_it if one.precedence < to.precedence]
    usual = max(below, key=lambda one: one.precedence, default=None)
    start = usual if before is None else by_version.get(before)
    return None if start is None else (start, to)


class _Content(NamedTuple):
    effective: dict[str, Json]
    root: str
    parts: Mapping[str, bytes]

    @property
    def reader(self) -> SchemaReader:
        """Reads the columns, through the submitted files where definitions lead to them."""
        if not self.parts:
            return SchemaReader()
        return reader_of(ingest(Submission(self.root, Parts(self.parts))))


def _contents(connection: Connection, version_ids: list[str]) -> dict[str, _Content]:
    rows = connection.execute(_CONTENT, {"versions": version_ids}).all()
    effective = {row.id: orjson.loads(row.effective) for row in rows}
    away = [one for one, document in effective.items() if any_leads_elsewhere(document)]
    parts = parts_on(connection, away) if away else {}
    files = {id: {part.path: part.content for part in some} for id, some in parts.items()}
    return {row.id: _Content(effective[row.id], row.root, files.get(row.id, {})) for row in rows}


def _diff(before: _Known, now: _Known, contents: Mapping[str, _Content]) -> Diff:
    old, new = contents[before.id], contents[now.id]
    found = differences(old.effective, new.effective, Schemas(old.reader, new.reader))
    level = max((one.change.level for one in found), default=None)
    return Diff(before.version, now.version, level, found)


def _parts(effective: bytes) -> Iterator[tuple[tuple[str, str, str], str]]:
    for key, value in parts_of(orjson.loads(effective), SchemaReader()):
        yield key, orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _blame(chain: list[Any], parts: Mapping[str, Mapping[tuple[str, str, str], str]]) -> Blame:
    told: dict[tuple[str, str, str], Blamed] = {}
    before: Mapping[tuple[str, str, str], str] = {}
    for row in chain[-MOST_VERSIONS:]:
        by = Brought(row.version, row.decision_id, row.accepted_at, row.submitted_by)
        here = parts[row.id]
        now: dict[tuple[str, str, str], Blamed] = {}
        for key, value in here.items():
            if key not in before:
                now[key] = Blamed(*key, introduced=by, changed=by)
            else:
                now[key] = told[key] if before[key] == value else told[key]._replace(changed=by)
        told, before = now, here
    return Blame(tuple(told.values()), len(chain) <= MOST_VERSIONS)
