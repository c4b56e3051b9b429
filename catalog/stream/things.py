"""Which rows is a line of a stream, and by which digest does the chain have to know it?

Nothing is believed that can be computed: names, ids and order of a version come from its content, every digest from
what it is the digest of. A line that lacks something, or holds it in another shape, raises KeyError, TypeError or
ValueError; `Altered` says that it holds something else than it says of itself.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Table

from catalog import decisions, feed, samples, versions
from catalog.standings import State
from catalog.stream.rows import (
    CHANGE_FACTS,
    DECISION_FACTS,
    RELEASE_FACTS,
    RESCAN_FACTS,
    SAMPLE_FACTS,
    STANDING_FACTS,
)
from catalog.tables.columns import dumps
from catalog.tables.decision import DecisionRow, PayloadRow
from catalog.tables.order import ChangeRow
from catalog.tables.release import BundleReleaseRow
from catalog.tables.row import table_of
from catalog.tables.sample import SampleRow
from catalog.tables.standing import RescanRow, StandingRow
from engine.descriptor.completion import name_of
from engine.descriptor.digest import digest_of
from engine.model import Identity, Part

PAYLOAD, DECISION, CHANGE = table_of(PayloadRow), table_of(DecisionRow), table_of(ChangeRow)
RELEASE, STANDING, RESCAN = table_of(BundleReleaseRow), table_of(StandingRow), table_of(RescanRow)
SAMPLE = table_of(SampleRow)
Line = Mapping[str, Any]
Entry = tuple[str, str, str]
"""Kind, name and digest of something, as the chain has them."""

_MOMENTS = frozenset(
    {"at", "moment", "accepted_at", "released", "decided_at", "confirmed_at", "opened_at", "ended_at", "superseded_at"}
)


class Altered(Exception):
    """The line contradicts itself."""


@dataclass(frozen=True, slots=True)
class Version:
    """One accepted version: its row, what it is the version of, and what was submitted."""

    row: dict[str, Any]
    identity: Identity
    effective: dict[str, Any]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Thing:
    """What a line adds: its entry in the chain (None where the chain does not cover it), and its rows."""

    entry: Entry | None
    rows: Sequence[tuple[Table, dict[str, Any]]] = ()
    at: datetime | None = None
    version: Version | None = None


def decision(line: Line, revision: int) -> Thing:
    """A decision and, where it is the first that saw it, what its policies saw."""
    row = {**_facts(line, DECISION_FACTS), "from_revision": revision}
    record = None if line["record"] is None else dumps(line["record"])
    if record is not None and _sha256(record) != row["record_digest"]:
        raise Altered(f"the record of the decision {row['id']}")
    rows: list[tuple[Table, dict[str, Any]]] = [(DECISION, {**row, "record": record})]
    if "input" in line:
        rows.insert(0, (PAYLOAD, {**_payload(line), "from_revision": revision}))
    return Thing(("decision", _text(row["id"]), decisions.digest(row)), rows, row["at"])


def _payload(line: Line) -> dict[str, Any]:
    seen, digest = line["input"], _text(line["input_digest"])
    if seen is None:
        return {"digest": digest, "content": None, "erased_at": moment(line["input_erased_at"])}
    if digest_of(seen) != digest:
        raise Altered(f"what the policies of the decision {line['id']} saw")
    return {"digest": digest, "content": dumps(seen), "erased_at": None}


def version(line: Line, revision: int) -> Thing:
    """An accepted version; its ports, columns, readings and listing follow from it."""
    effective = line["effective"]
    identity = name_of(effective, None).identity
    if identity is None:
        raise Altered("a version without a name")
    parts = tuple(Part(_text(one["path"]), _content(one)) for one in line["parts"])
    row = _version_row(line, identity, revision)
    claimed = (line["id"], line["fqn"], line["version"], line["domain"])
    if claimed != (row["id"], identity.fqn, identity.version, identity.domain.replace("\0", "\ufffd")):
        raise Altered(f"the version {line['id']}: its content is of {identity.fqn} {identity.version}")
    if len(parts) == 1 and digest_of(effective) != row["digest"]:  # with several, files of definitions may count too
        raise Altered(f"the digest of the version {line['id']}")
    digest = versions.digest(row, [_sha256(part.content) for part in parts])
    return Thing(
        ("version", row["id"], digest), at=row["accepted_at"], version=Version(row, identity, effective, parts)
    )


def _version_row(line: Line, identity: Identity, revision: int) -> dict[str, Any]:
    content = versions.accepted_as(identity, effective=orjson.dumps(line["effective"]), digest=_text(line["digest"]))
    told = {name: _text(line[name]) for name in ("root", "decision_id", "submitted_by")}
    return {**content, **told, "accepted_at": moment(line["accepted_at"]), "from_revision": revision}


def change(line: Line, revision: int) -> Thing:
    """An entry of the feed."""
    row = {**_facts(line, CHANGE_FACTS), "from_revision": revision}
    return Thing(("change", str(row["cursor"]), feed.digest(row)), [(CHANGE, row)], row["at"])


def release(line: Line, revision: int) -> Thing:
    """A released bundle."""
    bundle = base64.b64decode(line["base64"], validate=True)
    named = _facts({**line, "revision": line["bundle_revision"]}, RELEASE_FACTS)
    row = {**named, "digest": _sha256(bundle), "content": bundle, "from_revision": revision}
    return Thing(("release", str(row["number"]), row["digest"]), [(RELEASE, row)], row["at"])


def sample(line: Line, revision: int) -> Thing:
    """A request for a sample. It was asked for before its revision was begun, so its moment is one of its own."""
    row = {**_facts(line, SAMPLE_FACTS), "from_revision": revision}
    return Thing(("sample", _text(row["id"]), samples.digest(row)), [(SAMPLE, row)])


def standing(line: Line, revision: int) -> Thing:
    """How a line stands from a revision on."""
    row = {**_facts(line, STANDING_FACTS), "from_revision": revision}
    row["state"] = str(State(row["state"]))
    return Thing(None, [(STANDING, row)])


def rescan(line: Line, revision: int) -> Thing:
    """A rescan that somebody's standing came from. Its work is done: what was left of it stays where it was."""
    row = _facts(line, RESCAN_FACTS)
    if row["ended_at"] is None and row["superseded_at"] is None:
        row["superseded_at"] = row["opened_at"]
    return Thing(None, [(RESCAN, row)])


def _facts(line: Line, names: Sequence[str]) -> dict[str, Any]:
    return {name: moment(line[name]) if name in _MOMENTS else line[name] for name in names}


def moment(told: str | None) -> datetime | None:
    """The moment that a text tells. Raises ValueError for one that tells none, or no time zone."""
    if told is None:
        return None
    read = datetime.fromisoformat(told)
    if read.tzinfo is None:
        raise ValueError(f"the moment {told} has no time zone")
    return read


def _content(part: Line) -> bytes:
    return base64.b64decode(part["base64"], validate=True) if "base64" in part else _text(part["text"]).encode()


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError(f"{type(value).__name__} where a text belongs")
    return value


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
