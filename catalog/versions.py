"""Which versions are accepted, and how does one join or change its status?"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import Connection, bindparam, insert, select, update

from catalog import precedence
from catalog.lines import product_id
from catalog.listings import Listings
from catalog.once import insert_once
from catalog.tables.columns import dumps
from catalog.tables.mesh import ColumnRow, PortRow, ReadingRow
from catalog.tables.product import LineRow, PartRow, ProductRow, VersionRow, VersionStatusRow
from catalog.tables.row import table_of
from catalog.text import port_columns
from engine.descriptor.identity import LONGEST_NAME
from engine.errors import NotFound, UsageError, VersionConflict
from engine.model import Descriptor, Identity, Part, Port, Reading

if TYPE_CHECKING:
    from catalog.work import UnitOfWork

PRODUCT, LINE, VERSION = table_of(ProductRow), table_of(LineRow), table_of(VersionRow)
STATUS, PART = table_of(VersionStatusRow), table_of(PartRow)
PORT, READING, COLUMN = table_of(PortRow), table_of(ReadingRow), table_of(ColumnRow)

_SAME = (
    select(VERSION, STATUS.c.status)
    .join(STATUS, STATUS.c.version_id == VERSION.c.id)
    .where(VERSION.c.product_id == bindparam("product"), VERSION.c.plain_version == bindparam("plain"))
    .where(STATUS.c.until_revision.is_(None))
)


@dataclass(frozen=True, slots=True)
class AcceptedVersion:
    """One accepted version as a writer sees it; `created` is False when it had been stored before."""

    id: str
    line_id: str
    version: str
    status: str
    digest: str
    decision_id: str
    submitted_by: str
    accepted_at: datetime
    created: bool = False


class Versions:
    """The accepted versions, as one unit of work sees and adds to them."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._listings = Listings(work)
        self._free: set[tuple[str, str]] = set()

    def find(self, identity: Identity, digest: str) -> AcceptedVersion | None:
        """The stored version with this identity and digest; None when the version is free.

        Raises `VersionConflict` when it was accepted with other content or other build metadata.
        """
        found = found_on(self._work.connection, identity, digest)
        if found is None and self._work.holds_head:
            self._free.add(_place(identity))
        return found

    def add(self, descriptor: Descriptor, decision_id: str) -> AcceptedVersion:
        """Store this descriptor as accepted by that (already logged) decision, and list it.

        Equal content again gives the version as stored before. Raises `VersionConflict` as `find` does.
        """
        identity, digest, effective = descriptor.identity, descriptor.digest, descriptor.effective
        if identity is None or digest is None or effective is None:
            raise ValueError("only a descriptor with identity and content can be accepted")
        self._work.head()
        if _place(identity) not in self._free and (stored := self.find(identity, digest)) is not None:
            return stored
        self._free.remove(_place(identity))
        line = self._listings.place(identity.id)
        if line is None:
            self._name_line(identity)
        row = self._row(descriptor, identity, decision_id)
        promised = port_columns.of(descriptor)
        self._insert(row, descriptor, port_columns.rows(promised))
        columns = [one.column for one in promised]
        self._listings.consider(row, identity, effective, descriptor.ports, columns, place=line)
        self._tell(row, identity)
        return AcceptedVersion(status="active", created=True, **{name: row[name] for name in _NAMES})

    def set_status(
        self, identity: Identity, status: str, *, reason: str = "", sunset: datetime | None = None, successor: str = ""
    ) -> AcceptedVersion:
        """Make a version active, deprecated or withdrawn; the status before stays readable. Raises `NotFound`."""
        work = self._work
        work.head()
        keys = {"product": product_id(identity.namespace, identity.name)}
        row = work.connection.execute(
            _SAME, {**keys, "plain": precedence.without_build(identity.version)}
        ).one_or_none()
        if row is None:
            raise NotFound(f"{identity.fqn} has no accepted version {identity.version}.")
        ended = update(STATUS).where(STATUS.c.version_id == row.id, STATUS.c.until_revision.is_(None))
        work.connection.execute(ended, {"until_revision": work.revision})
        self._open_status(row.id, status, reason=reason, sunset=sunset, successor=successor)
        self._listings.review(row.line_id)
        told = {"version": row.version, "reason": reason, "successor": successor}
        payload = {**told, "sunset": sunset.isoformat() if sunset else None, "before": row.status}
        work.changes.append(f"version.{status}", identity.fqn, payload, domain=row.domain)
        return AcceptedVersion(status=status, **{name: getattr(row, name) for name in _NAMES})

    def _name_line(self, identity: Identity) -> None:
        if max(len(identity.namespace), len(identity.name), len(identity.fqn)) > LONGEST_NAME:
            raise UsageError(f"A namespace, name or fqn longer than {LONGEST_NAME} characters cannot be kept.")
        work = self._work
        product = product_id(identity.namespace, identity.name)
        line = {name: getattr(identity, name) for name in ("id", "major", "fqn", "odm_id")}
        line |= {"product_id": product, "accepted_at": work.at, "from_revision": work.revision}
        row = {"id": product, "namespace": identity.namespace, "name": identity.name, "from_revision": work.revision}
        work.write(insert_once(PRODUCT, work.database.dialect), row)
        work.write(insert(LINE), line)

    def _row(self, descriptor: Descriptor, identity: Identity, decision_id: str) -> dict[str, Any]:
        return {
            **accepted_as(identity, effective=orjson.dumps(descriptor.effective), digest=descriptor.digest or ""),
            "root": descriptor.file,
            "decision_id": decision_id,
            "submitted_by": self._work.principal.id,
            "accepted_at": self._work.at,
            "from_revision": self._work.revision,
        }

    def _insert(self, row: dict[str, Any], descriptor: Descriptor, columns: list[dict[str, Any]]) -> None:
        keys = {"version_id": row["id"], "from_revision": row["from_revision"]}
        self._work.write(insert(VERSION), row)
        self._open_status(row["id"], "active")
        parts = part_rows(descriptor.parts)
        readings = [reading_row(reading) for reading in descriptor.readings]
        ports = port_rows(descriptor.ports)
        for table, rows in ((PART, parts), (PORT, ports), (COLUMN, columns), (READING, readings)):
            if rows:
                numbered = [{**one, **keys, "position": position} for position, one in enumerate(rows)]
                self._work.write(insert(table), numbered)
        self._work.entries.add("version", row["id"], digest(row, [part["digest"] for part in parts]))

    def _open_status(self, version_id: str, status: str, **told: Any) -> None:
        who = {"principal": self._work.principal.id, "at": self._work.at, "from_revision": self._work.revision}
        row = {"version_id": version_id, "status": status, "reason": "", "successor": "", **told, **who}
        self._work.write(insert(STATUS), row)

    def _tell(self, row: dict[str, Any], identity: Identity) -> None:
        payload = {"version": row["version"], "digest": row["digest"], "decision": row["decision_id"]}
        self._work.changes.append("version.accepted", identity.fqn, payload, domain=identity.domain)


_NAMES = ("id", "line_id", "version", "digest", "decision_id", "submitted_by", "accepted_at")


def found_on(connection: Connection, identity: Identity, digest: str) -> AcceptedVersion | None:
    """As `Versions.find`, on a connection that is already open, such as one that only reads."""
    product, plain = _place(identity)
    row = connection.execute(_SAME, {"product": product, "plain": plain}).one_or_none()
    if row is None:
        return None
    if row.digest != digest or row.version != identity.version:
        raise VersionConflict(
            f"{identity.fqn} {row.version} was accepted before with other content.",
            fqn=identity.fqn,
            version=row.version,
            digest=row.digest,
            decision=row.decision_id,
        )
    return _accepted(row)


def _place(identity: Identity) -> tuple[str, str]:
    """What of the version is unique: its product and its number without build metadata."""
    return product_id(identity.namespace, identity.name), precedence.without_build(identity.version)


def _accepted(row: Any) -> AcceptedVersion:
    return AcceptedVersion(status=row.status, **{name: getattr(row, name) for name in _NAMES})


def id_of(line: str, version: str) -> str:
    """The id of a version: uuid5 over its number without build metadata, in the namespace of its line's id."""
    return str(uuid.uuid5(uuid.UUID(line), precedence.without_build(version)))


def accepted_as(identity: Identity, *, effective: bytes, digest: str) -> dict[str, Any]:
    """What a version's row says of its content alone."""
    return {
        "id": id_of(identity.id, identity.version),
        "product_id": product_id(identity.namespace, identity.name),
        "line_id": identity.id,
        "version": identity.version,
        "plain_version": precedence.without_build(identity.version),
        "precedence": precedence.key(identity.version),
        "domain": identity.domain,
        "digest": digest,
        "effective": effective,
    }


def part_rows(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """The submitted files, but for the keys of their version."""
    return [{"path": part.path, "content": part.content, "digest": _sha256(part.content)} for part in parts]


def first_status(version: Mapping[str, Any]) -> dict[str, Any]:
    """The status that a version has from its acceptance on."""
    who = {"principal": version["submitted_by"], "at": version["accepted_at"]}
    return {"version_id": version["id"], "status": "active", "reason": "", "sunset": None, "successor": "", **who}


def reading_row(reading: Reading) -> dict[str, Any]:
    """A target whose name is too long for any line is kept, and dangles."""
    row = {name: str(getattr(reading, name)) for name in ("input_port", "target", "kind", "port_name")}
    line = reading.product_fqn if len(reading.product_fqn) <= LONGEST_NAME else ""
    *product, last = line.split(":")
    if len(product) == 5:
        return {**row, "product_fqn": ":".join(product), "major": int(last)}
    return {**row, "product_fqn": line, "major": None}


def port_rows(ports: Sequence[Port]) -> list[dict[str, Any]]:
    return [{name: getattr(port, name) for name in Port.__dataclass_fields__} for port in ports]


def digest(version: Any, parts: Sequence[str]) -> str:
    """The digest by which the chain knows a version: its row's own facts and the digests of its parts, in order."""
    told = [version[name] for name in ("id", "version", "digest", "decision_id", "submitted_by")]
    return _sha256(dumps([*told, _sha256(version["effective"]), list(parts)]))


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
