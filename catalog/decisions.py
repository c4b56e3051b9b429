"""How does a decision get into the log, and how is it read again?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import orjson
from sqlalchemy import Select, and_, bindparam, insert, select, update

from catalog.among import among
from catalog.database import Database
from catalog.domains import domain_of
from catalog.once import insert_once
from catalog.shown import StoredDecision
from catalog.spans import made_by
from catalog.tables.columns import dumps
from catalog.tables.decision import DecisionRow, PayloadRow
from catalog.tables.product import VersionRow
from catalog.tables.row import table_of
from catalog.visible import visible
from engine.errors import ErasureInvalid, NotFound
from engine.model import Decision, Json, Principal

if TYPE_CHECKING:
    from catalog.work import UnitOfWork

DECISION = table_of(DecisionRow)
PAYLOAD = table_of(PayloadRow)
VERSION = table_of(VersionRow)


ERASED = "decision.input-erased"
"""The change that tells of an erasure."""

_ERASING = select(
    DECISION.c.input_digest,
    DECISION.c.fqn,
    DECISION.c.domain,
    PAYLOAD.c.erased_at,
    DECISION.c.record.is_not(None).label("has_record"),
    select(VERSION.c.id).where(VERSION.c.decision_id == DECISION.c.id).scalar_subquery().label("version_id"),
).outerjoin(PAYLOAD, PAYLOAD.c.digest == DECISION.c.input_digest)

_SHARING = (
    select(DECISION.c.fqn, DECISION.c.domain)
    .distinct()
    .where(
        DECISION.c.input_digest
        == select(DECISION.c.input_digest).where(DECISION.c.id == bindparam("decision")).scalar_subquery()
    )
)

_FACTS = (
    *("id", "outcome", "provisional", "event", "environment", "fqn", "version", "domain", "engine", "principal"),
    *("bundle_revision", "assignments_digest", "waivers_digest", "input_digest", "record_digest"),
)


class Erased(NamedTuple):
    """What an erasure took: the input of this digest, and with it that of all these decisions."""

    input_digest: str
    decisions: tuple[str, ...]


class DecisionLog:
    """The append-only log of one unit of work (DESIGN §4, Decision)."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def add(self, decision: Decision, record: Mapping[str, Json]) -> None:
        """Log this decision; `record` is its entry of the report (`engine.report.record.document`).

        The same decision twice breaks a constraint of the database (`sqlalchemy.exc.IntegrityError` from `commit`).
        """
        work = self._work
        packed = dumps(record)
        row = {**_columns(decision), "record": packed, "record_digest": hashlib.sha256(packed).hexdigest()}
        if decision.input_digest is not None and decision.effective_input is not None:
            self._keep(decision.input_digest, decision.effective_input)
        who = {"from_revision": work.revision, "principal": work.principal.id, "at": work.at}
        work.write(insert(DECISION), {**row, **who})
        work.entries.add("decision", decision.id, digest({**row, **who}))
        told = {name: row[name] for name in ("version", "outcome", "event", "environment")}
        payload = {"decision": decision.id, **told}
        work.changes.append(f"decision.{decision.outcome}", row["fqn"], payload, domain=row["domain"])

    def erase(self, decision_id: str, *, reason: str, record: bool = False) -> Erased:
        """Erase what the policies of this decision saw, and with `record` its entry of the report too.

        Outcome, moment and digests stay, a change tells who did it and why, and the chain still verifies. Decisions
        with the same input lose it too: it is stored once. What is erased already stays as it is.
        Raises `NotFound`, and `ErasureInvalid` for the record of a version, whose own content says as much.
        """
        work = self._work
        work.head()
        found = work.connection.execute(_ERASING.where(DECISION.c.id == decision_id)).one_or_none()
        if found is None or found.input_digest is None:
            raise NotFound(f"There is no decision {decision_id} with a stored input.")
        if record and found.version_id is not None:
            told = "the entry of the report stays, because an accepted version stands on this decision"
            raise ErasureInvalid(f"Of {decision_id} only the input can be erased: {told}.", decision=decision_id)
        sharing = select(DECISION.c.id).where(DECISION.c.input_digest == found.input_digest).order_by(DECISION.c.id)
        erased = Erased(found.input_digest, tuple(work.connection.execute(sharing).scalars()))
        if found.erased_at is None or (record and found.has_record):
            self._forget(decision_id, found, reason, record)
        return erased

    def domains(self, decision_id: str) -> frozenset[str]:
        """The domains that have the products of this decision, and of those that share its input, now.

        A product that there is not (yet) belongs to the domain that its descriptor named. Empty without an input.
        """
        connection = self._work.connection
        rows = connection.execute(_SHARING, {"decision": decision_id}).all()
        return frozenset(domain_of(connection, row.fqn) or row.domain for row in rows)

    def _forget(self, decision_id: str, found: Any, reason: str, record: bool) -> None:
        work = self._work
        at = found.erased_at or work.at
        work.write(update(PAYLOAD).where(PAYLOAD.c.digest == found.input_digest).values(content=None, erased_at=at))
        if record:
            work.write(update(DECISION).where(DECISION.c.id == decision_id).values(record=None))
        told = {"decision": decision_id, "input_digest": found.input_digest, "reason": reason, "record": record}
        work.changes.append(ERASED, found.fqn, told, domain=found.domain)

    def _keep(self, digest: str, seen: Mapping[str, Json]) -> None:
        row = {"digest": digest, "content": dumps(seen), "from_revision": self._work.revision}
        self._work.write(insert_once(PAYLOAD, self._work.database.dialect), row)


class Decisions:
    """Reads of logged decisions."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._statement = lru_cache(maxsize=128)(_statement)

    def find(self, decision_id: str, *, principal: Principal) -> StoredDecision | None:
        """The decision with this id."""
        return self.found([decision_id], principal=principal).get(decision_id)

    def found(
        self, decision_ids: Sequence[str], *, principal: Principal, at: int | None = None
    ) -> dict[str, StoredDecision]:
        """The decisions with these ids, by id: one statement for all of them.

        `at` a revision, those there were by then; what was erased since is erased then too.
        """
        with self._database.reading() as connection:
            rows = connection.execute(self._statement(principal, at), {"ids": list(decision_ids)}).all()
        return {row.id: StoredDecision._make((*row[:-1], _loaded(row.record))) for row in rows}

    def record(self, decision_id: str, *, principal: Principal) -> Mapping[str, Json]:
        """The entry of the report about this decision (DESIGN §5); raises `NotFound`."""
        found = self.find(decision_id, principal=principal)
        if found is None or found.record is None:
            raise NotFound(f"There is no decision {decision_id}.")
        return found.record

    def effective_input(self, decision_id: str, *, principal: Principal) -> dict[str, Json] | None:
        """Exactly what the policies of this decision saw; None when nothing was read or it was erased."""
        statement = select(PAYLOAD.c.content).join(DECISION, DECISION.c.input_digest == PAYLOAD.c.digest)
        statement = statement.where(DECISION.c.id == decision_id, visible(principal, DECISION.c.domain))
        with self._database.reading() as connection:
            return _loaded(connection.execute(statement).scalar_one_or_none())


def digest(decision: Mapping[str, Any]) -> str:
    """The digest by which the chain knows a decision; `decision` has the columns of a decision row."""
    told = [_kept_as(decision[name]) for name in _FACTS]
    return hashlib.sha256(dumps([*told, decision["moment"].timestamp()])).hexdigest()


def _kept_as(value: Json) -> Json:
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


def _statement(principal: Principal, at: int | None) -> Select[Any]:
    wanted = and_(among(DECISION.c.id, "ids"), made_by(DECISION, at))
    columns = (DECISION.c[name] for name in StoredDecision._fields)
    return select(*columns).where(wanted, visible(principal, DECISION.c.domain))


def _loaded(content: bytes | None) -> dict[str, Json] | None:
    return None if content is None else cast(dict[str, Json], orjson.loads(content))


def _columns(decision: Decision) -> dict[str, Any]:
    names = ("id", "provisional", "event", "environment", "moment", "engine", "bundle_revision")
    digests = ("assignments_digest", "waivers_digest")
    product = decision.product
    kept = decision.input_digest if decision.effective_input is not None else None
    return {
        **{name: getattr(decision, name) for name in (*names, *digests)},
        "outcome": str(decision.outcome),
        "event": str(decision.event),
        "fqn": product.fqn if product else "",
        "version": product.version if product else "",
        "domain": product.domain if product else "",
        "input_digest": kept,
    }
