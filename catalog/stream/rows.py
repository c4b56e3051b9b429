"""How do the rows of some revisions look as lines of a stream?"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, Table, and_, select

from catalog.samples import RecordedSample
from catalog.tables.decision import DecisionRow, PayloadRow
from catalog.tables.order import ChangeRow
from catalog.tables.product import LineRow, PartRow, VersionRow
from catalog.tables.release import BundleReleaseRow
from catalog.tables.row import table_of
from catalog.tables.sample import SampleRow
from catalog.tables.standing import RescanRow, StandingRow
from catalog.visible import told_to, visible
from engine.model import Principal

DECISION, PAYLOAD, CHANGE = table_of(DecisionRow), table_of(PayloadRow), table_of(ChangeRow)
VERSION, PART, LINE = table_of(VersionRow), table_of(PartRow), table_of(LineRow)
RELEASE, STANDING, RESCAN = table_of(BundleReleaseRow), table_of(StandingRow), table_of(RescanRow)
SAMPLE = table_of(SampleRow)

VERSION_FACTS = ("id", "version", "domain", "digest", "root", "decision_id", "submitted_by", "accepted_at")
DECISION_FACTS = (
    *("id", "outcome", "provisional", "event", "environment", "fqn", "version", "domain", "moment", "engine"),
    *("bundle_revision", "assignments_digest", "waivers_digest", "input_digest", "record_digest", "principal", "at"),
)
CHANGE_FACTS = ("cursor", "kind", "subject", "domain", "payload", "principal", "at")
RELEASE_FACTS = (
    *("number", "revision", "assignments_digest", "waivers_digest", "released", "key_id", "policies"),
    *("principal", "at"),
)
STANDING_FACTS = (
    *("line_id", "version_id", "version", "domain", "state", "decision_id", "decided_at", "said"),
    *("rescan_id", "confirmed_at", "cursor"),
)
RESCAN_FACTS = tuple(RESCAN.c.keys())
SAMPLE_FACTS = RecordedSample._fields


class Span(NamedTuple):
    """The revisions after one and up to another, for somebody's eyes."""

    after: int
    until: int
    principal: Principal

    def rows(self, table: Table) -> ColumnElement[bool]:
        """The rows that were made in these revisions."""
        return and_(table.c.from_revision > self.after, table.c.from_revision <= self.until)

    def seen(self, table: Table) -> ColumnElement[bool]:
        return and_(self.rows(table), visible(self.principal, table.c.domain))


def link(row: Any) -> dict[str, Any]:
    """The link of one revision."""
    told = {"revision": row.revision, "at": row.at, "previous_hash": row.previous_hash, "hash": row.hash}
    return {"type": "link", **told, "entries": row.entries}


def decisions(
    connection: Connection, span: Span, shown: Callable[[Sequence[str]], Mapping[str, Any]] | None
) -> list[dict[str, Any]]:
    """Decisions; the input stands with the first one that saw it. `shown` tells them to who may not see all."""
    if shown is not None:
        ids = select(DECISION.c.id, DECISION.c.from_revision).where(span.seen(DECISION))
        found = connection.execute(ids.order_by(DECISION.c.from_revision, DECISION.c.id)).all()
        told = shown([row.id for row in found])
        return [{"type": "decision", "revision": row.from_revision, **told[row.id]} for row in found]
    kept = PAYLOAD.c.from_revision.label("kept"), PAYLOAD.c.content, PAYLOAD.c.erased_at
    statement = select(DECISION, *kept).outerjoin(PAYLOAD, PAYLOAD.c.digest == DECISION.c.input_digest)
    statement = statement.where(span.seen(DECISION)).order_by(DECISION.c.from_revision, DECISION.c.id)
    inputs: set[str] = set()
    return [_decision(row, inputs) for row in connection.execute(statement).mappings()]


def _decision(row: Any, inputs: set[str]) -> dict[str, Any]:
    told = {"type": "decision", "revision": row["from_revision"], **{name: row[name] for name in DECISION_FACTS}}
    told["record"] = _json(row["record"])
    if row["kept"] == row["from_revision"] and row["input_digest"] not in inputs:
        inputs.add(row["input_digest"])
        told["input"] = _json(row["content"])
        if row["erased_at"] is not None:
            told["input_erased_at"] = row["erased_at"]
    return told


def versions(connection: Connection, span: Span) -> Iterator[dict[str, Any]]:
    """Versions with their parts, byte for byte, and their effective content."""
    statement = select(VERSION, LINE.c.fqn).join(LINE, LINE.c.id == VERSION.c.line_id).where(span.seen(VERSION))
    found = connection.execute(statement.order_by(VERSION.c.from_revision, VERSION.c.id)).mappings().all()
    wanted = select(PART.c.version_id, PART.c.path, PART.c.content)
    wanted = wanted.where(PART.c.version_id.in_([row["id"] for row in found])).order_by(PART.c.position)
    parts: dict[str, list[dict[str, Any]]] = {row["id"]: [] for row in found}
    for part in connection.execute(wanted) if found else ():
        parts[part.version_id].append({"path": part.path, **content(part.content)})
    for row in found:
        facts = {"fqn": row["fqn"], **{name: row[name] for name in VERSION_FACTS}}
        whole = {"effective": _json(row["effective"]), "parts": parts[row["id"]]}
        yield {"type": "version", "revision": row["from_revision"], **facts, **whole}


def changes(connection: Connection, span: Span, *, whole: bool) -> Iterator[dict[str, Any]]:
    """Entries of the feed: the `whole` of it, or without those that are told to others only."""
    own = told_to(span.principal, CHANGE.c.kind, CHANGE.c.principal)
    statement = select(CHANGE).where(span.seen(CHANGE), *(() if whole else (own,)))
    found = connection.execute(statement.order_by(CHANGE.c.cursor)).mappings()
    return ({"type": "change", "revision": row["from_revision"], **_facts(row, CHANGE_FACTS)} for row in found)


def releases(connection: Connection, span: Span) -> Iterator[dict[str, Any]]:
    """Released bundles, byte for byte; `bundle_revision` is what policies call their revision."""
    for row in connection.execute(select(RELEASE).where(span.rows(RELEASE)).order_by(RELEASE.c.number)).mappings():
        facts = _facts(row, RELEASE_FACTS)
        named = {"bundle_revision": facts.pop("revision"), **facts}
        bundle = base64.b64encode(row["content"]).decode()
        yield {"type": "release", "revision": row["from_revision"], **named, "base64": bundle}


def samples(connection: Connection, span: Span) -> Iterator[dict[str, Any]]:
    """Who asked for a sample, and what came of it; the record holds no data of the ports."""
    statement = select(SAMPLE).where(span.seen(SAMPLE)).order_by(SAMPLE.c.number)
    for row in connection.execute(statement).mappings():
        yield {"type": "sample", "revision": row["from_revision"], **_facts(row, SAMPLE_FACTS)}


def standings(connection: Connection, span: Span) -> Iterator[dict[str, Any]]:
    """How lines stood from these revisions on."""
    found = select(STANDING).where(span.seen(STANDING)).order_by(STANDING.c.from_revision, STANDING.c.line_id)
    for row in connection.execute(found).mappings():
        yield {"type": "standing", "revision": row["from_revision"], **_facts(row, STANDING_FACTS)}


def ended_standings(connection: Connection, span: Span) -> Iterator[dict[str, Any]]:
    """Which lines stand nowhere any more, because nothing of them is listed: no other standing began then."""
    other = STANDING.alias()
    begun = select(other.c.number).where(
        other.c.line_id == STANDING.c.line_id, other.c.from_revision == STANDING.c.until_revision
    )
    here = and_(STANDING.c.until_revision > span.after, STANDING.c.until_revision <= span.until)
    found = select(STANDING.c.line_id, STANDING.c.until_revision)
    found = found.where(here, ~begun.exists(), visible(span.principal, STANDING.c.domain))
    for row in connection.execute(found.order_by(STANDING.c.until_revision, STANDING.c.line_id)):
        yield {"type": "standing-ended", "revision": row.until_revision, "line_id": row.line_id}


def rescans(connection: Connection, after: int, span: Span) -> Iterator[dict[str, Any]]:
    """The rescans that were opened after the one with this number: standings say which of them confirmed them."""
    for row in connection.execute(select(RESCAN).where(RESCAN.c.number > after).order_by(RESCAN.c.number)).mappings():
        yield {"type": "rescan", **_facts(row, RESCAN_FACTS)}


def content(written: bytes) -> dict[str, str]:
    """Bytes as text where they are UTF-8, else as base64."""
    try:
        return {"text": written.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(written).decode()}


def _facts(row: Any, names: Sequence[str]) -> dict[str, Any]:
    return {name: row[name] for name in names}


def _json(content: bytes | None) -> Any:
    return None if content is None else orjson.Fragment(content)
