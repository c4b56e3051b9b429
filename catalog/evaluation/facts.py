"""What is known of products that their worth can be judged by, each fact with its evidence?

These are the facts that a trust formula sees as its input, and whoever else judges products side by side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Select, and_, case, func, select

from catalog.database import Database
from catalog.edges import READER, READING, SOURCE, resolved
from catalog.evaluation import slos
from catalog.observations import observed_on
from catalog.standings import State
from catalog.tables.decision import DecisionRow
from catalog.tables.mesh import ListingRow
from catalog.tables.product import VersionRow
from catalog.tables.row import table_of
from catalog.tables.standing import StandingRow
from catalog.visible import visible
from engine.evaluation.budget import SloStatus
from engine.evaluation.documentation import documented
from engine.evaluation.promises import promises
from engine.model import Disposition, Json, PolicyState, Principal
from engine.policy.dates import utc_day

LISTING, VERSION, DECISION = table_of(ListingRow), table_of(VersionRow), table_of(DecisionRow)
STANDING = table_of(StandingRow)


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """The facts of one listed line; `told` is all of them as JSON (docs/reference/evaluation.md)."""

    line_id: str
    fqn: str
    version_id: str
    version: str
    domain: str
    decision_id: str
    slos: tuple[SloStatus, ...]
    told: Mapping[str, Json]


class Evaluations:
    """Reads of facts. They are of now: scores of the past are kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def facts(self, line_ids: Sequence[str], *, now: datetime, principal: Principal) -> dict[str, ProductFacts]:
        """The facts of each of these lines as of now; one that is not listed is left out.

        Three statements for any number of lines, two where none of them promises anything.
        """
        with self._database.reading() as connection:
            return facts_on(connection, line_ids, now=now, principal=principal)


def facts_on(
    connection: Connection, line_ids: Sequence[str], *, now: datetime, principal: Principal
) -> dict[str, ProductFacts]:
    """As `Evaluations.facts`, on a connection that is already open, such as one with a snapshot."""
    rows = connection.execute(_listed(line_ids, principal)).mappings().all()
    contents = {row["line_id"]: orjson.loads(row["effective"]) for row in rows}
    promised = {line: promises(content) for line, content in contents.items()}
    since = slos.earliest([one for some in promised.values() for one in some], now=now)
    observed = observed_on(connection, [one for one in promised if promised[one]], since=since, principal=principal)
    readers = _readers(connection, list(contents), principal)
    found = {}
    for row in rows:
        line = row["line_id"]
        kept = slos.statuses(promised[line], observed.get(line, {}), now=now)
        found[line] = _facts(row, contents[line], kept, readers.get(line, []), now)
    return found


def policy_states(record: Mapping[str, Any] | None) -> list[dict[str, Json]]:
    """How each policy ended in a decision, by the report's entry of it; none where that was erased.

    A policy whose findings are all waived is `waived` here, although it failed.
    """
    decision = (record or {}).get("decision") or {}
    open_findings = {one["policy"] for one in decision.get("findings", ()) if one["disposition"] != Disposition.WAIVED}
    waived = {one["policy"] for one in decision.get("findings", ())} - open_findings
    names = ("policy", "state", "enforcement", "severity")
    states = [{name: run.get(name, "") for name in names} for run in decision.get("policies", ())]
    for one in states:
        if one["state"] == PolicyState.FAIL and one["policy"] in waived:
            one["state"] = "waived"
    return states


def _listed(line_ids: Sequence[str], principal: Principal) -> Select[Any]:
    names = ("line_id", "fqn", "namespace", "name", "version_id", "version", "domain", "owner", "status", "accepted_at")
    stands = and_(
        STANDING.c.line_id == LISTING.c.line_id,
        STANDING.c.version_id == LISTING.c.version_id,
        STANDING.c.until_revision.is_(None),
    )
    decided = func.coalesce(STANDING.c.decision_id, LISTING.c.decision_id)
    joined = LISTING.join(VERSION, VERSION.c.id == LISTING.c.version_id).join(STANDING, stands, isouter=True)
    joined = joined.join(DECISION, DECISION.c.id == decided)
    columns = (
        *(LISTING.c[name] for name in names),
        VERSION.c.effective,
        case((STANDING.c.number.is_(None), str(State.COMPLIANT)), else_=STANDING.c.state).label("state"),
        *(DECISION.c.id.label("decision_id"), DECISION.c.moment, DECISION.c.bundle_revision, DECISION.c.record),
    )
    here = LISTING.c.line_id.in_(list(line_ids)), LISTING.c.until_revision.is_(None)
    return select(*columns).select_from(joined).where(*here, visible(principal, LISTING.c.domain))


def _readers(connection: Connection, line_ids: Sequence[str], principal: Principal) -> dict[str, list[dict[str, Json]]]:
    columns = (SOURCE.c.line_id, READER.c.fqn, READER.c.domain, READING.c.port_name, READING.c.input_port)
    others = SOURCE.c.line_id.in_(line_ids), READER.c.line_id != SOURCE.c.line_id
    seen = visible(principal, READER.c.domain), visible(principal, SOURCE.c.domain)
    found: dict[str, list[dict[str, Json]]] = {}
    for row in connection.execute(resolved(*columns).where(*others, *seen).order_by(READER.c.fqn, READING.c.position)):
        told = {"product": row.fqn, "domain": row.domain, "port": row.port_name, "input_port": row.input_port}
        found.setdefault(row.line_id, []).append(told)
    return found


def _facts(
    row: Any, content: Mapping[str, Json], kept: tuple[SloStatus, ...], readers: list[dict[str, Json]], now: datetime
) -> ProductFacts:
    names = ("fqn", "namespace", "name", "version", "domain", "owner", "status")
    product: dict[str, Json] = {name: row[name] for name in names}
    product |= {"id": row["line_id"], "accepted_at": row["accepted_at"].isoformat()}
    told = {
        "now": utc_day(now),
        "product": {**product, "age_days": max((now.date() - row["accepted_at"].date()).days, 0)},
        "compliance": {
            "state": row["state"],
            "decision": row["decision_id"],
            "decided_at": row["moment"].isoformat(),
            "bundle_revision": row["bundle_revision"],
            "policies": policy_states(None if row["record"] is None else orjson.loads(row["record"])),
        },
        "slos": [slos.told(one) for one in kept],
        "documentation": [one._asdict() for one in documented(content)],
        "consumers": readers,
    }
    known = {name: row[name] for name in ("line_id", "fqn", "version_id", "version", "domain", "decision_id")}
    return ProductFacts(slos=kept, told=told, **known)
