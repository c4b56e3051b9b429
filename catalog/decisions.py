"""How does a decision get into the log, with what it saw?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from catalog.once import insert_once
from catalog.tables.columns import dumps
from catalog.tables.decision import DecisionRow, PayloadRow
from catalog.tables.row import table_of
from engine.model import Decision, Json

if TYPE_CHECKING:
    from catalog.work import UnitOfWork

DECISION = table_of(DecisionRow)
PAYLOAD = table_of(PayloadRow)


class DecisionLog:
    """The append-only log of one unit of work (DESIGN §4, Decision)."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def add(self, decision: Decision, record: Mapping[str, Json]) -> None:
        """Log this decision; `record` is its entry of the report (`engine.report.record.document`).

        The same decision twice breaks a constraint of the database (`sqlalchemy.exc.IntegrityError`).
        """
        work = self._work
        packed = dumps(record)
        row = {**_columns(decision), "record": packed, "record_digest": hashlib.sha256(packed).hexdigest()}
        if decision.input_digest is not None and decision.effective_input is not None:
            self._keep(decision.input_digest, decision.effective_input)
        work.connection.execute(
            insert(DECISION), {**row, "principal": work.principal.id, "at": work.at, "from_revision": work.revision}
        )
        work.entries.add("decision", decision.id, row["record_digest"])
        told = {name: row[name] for name in ("version", "outcome", "event", "environment")}
        payload = {"decision": decision.id, **told}
        work.changes.append(f"decision.{decision.outcome}", row["fqn"], payload, domain=row["domain"])

    def _keep(self, digest: str, seen: Mapping[str, Json]) -> None:
        row = {"digest": digest, "content": dumps(seen), "from_revision": self._work.revision}
        self._work.connection.execute(insert_once(PAYLOAD, self._work.connection), row)


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
