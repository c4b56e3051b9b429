"""What did a change of the feed do to rows that are not in the stream, and so has to be done again?

Statuses, waivers, requests for access, suspensions, releases in force and erasures are told completely by their
changes, which the chain covers: nothing else could be believed about them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Executable, insert, update

from catalog import releases, spans, versions
from catalog.decisions import ERASED
from catalog.listings import Listings
from catalog.stream.things import Altered
from catalog.tables.access import AccessRequestRow
from catalog.tables.decision import DecisionRow, PayloadRow
from catalog.tables.governing import SuspensionRow, WaiverRow
from catalog.tables.product import VersionStatusRow
from catalog.tables.release import ActiveReleaseRow
from catalog.tables.row import table_of
from engine.descriptor.identity import line_id

if TYPE_CHECKING:
    from catalog.database import Database
    from catalog.waiting import Rows

STATUS, WAIVER, SUSPENSION = table_of(VersionStatusRow), table_of(WaiverRow), table_of(SuspensionRow)
ACTIVE, PAYLOAD, DECISION = table_of(ActiveReleaseRow), table_of(PayloadRow), table_of(DecisionRow)
ACCESS = table_of(AccessRequestRow)
_WAIVER_TEXTS = ("policy", "code", "product", "component", "within", "reason", "ticket")
Change = Mapping[str, Any]
"""A row of the feed."""


@dataclass(frozen=True, slots=True)
class Then:
    """A past revision that is written again (`catalog.writing.Writing`)."""

    database: Database
    connection: Connection
    revision: int
    at: datetime

    def head(self) -> int:
        """The revision before."""
        return self.revision - 1

    def write(self, statement: Executable, rows: Rows | None = None) -> None:
        self.connection.execute(statement, rows)


def has_effect(change: Change) -> bool:
    """Whether this change did anything to rows that are not in the stream."""
    return change["kind"] in EFFECTS


def done_again(change: Change, then: Then) -> None:
    """Do what this change did. Raises Altered where the rows that it speaks of are not there."""
    EFFECTS[change["kind"]](change, then)


def _status(change: Change, then: Then) -> None:
    told, line = change["payload"], line_id(change["subject"])
    version = versions.id_of(line, told["version"])
    sunset = None if told["sunset"] is None else datetime.fromisoformat(told["sunset"])
    ended = update(STATUS).where(STATUS.c.version_id == version, STATUS.c.until_revision.is_(None))
    _one(change, then.connection.execute(ended, {"until_revision": then.revision}).rowcount)
    who = {"principal": change["principal"], "at": then.at, "from_revision": then.revision}
    said = {"reason": told["reason"], "sunset": sunset, "successor": told["successor"]}
    status = change["kind"].rpartition(".")[2]
    then.connection.execute(insert(STATUS), {"version_id": version, "status": status, **said, **who})
    Listings(then).review(line)


def _waiver(change: Change, then: Then) -> None:
    told, who = change["payload"], change["principal"]
    step = {"state": change["kind"].rpartition(".")[2], "note": told.get("note", ""), "principal": who}
    if step["state"] != "requested":
        steps = {**step, "approved_by": told.get("approved_by", "")}
        _changed(change, then, WAIVER, {"id": told["waiver"]}, steps)
        return
    asked = {name: told.get(name, "") for name in _WAIVER_TEXTS}
    days = {"begins": datetime.fromisoformat(told["from"]), "ends": datetime.fromisoformat(told["until"])}
    by = {"requested_by": told["requested_by"], "requested_at": then.at, "approved_by": ""}
    spans.begun(then, WAIVER, {"id": told["waiver"], "domain": change["domain"], **asked, **days, **by, **step})


def _access(change: Change, then: Then) -> None:
    told, who = change["payload"], change["principal"]
    step = {"state": change["kind"].rpartition(".")[2], "note": told.get("note", ""), "principal": who}
    if step["state"] != "requested":
        steps = {**step, "approved_by": told.get("approved_by", ""), "ends": datetime.fromisoformat(told["until"])}
        _changed(change, then, ACCESS, {"id": told["request"]}, steps)
        return
    asked = {name: told[name] for name in ("major", "version", "port", "environment", "subject", "purpose")}
    ids = {name: told[name] for name in ("line_id", "product_id")} | {"decision_id": told["decision"]}
    by = {"requested_by": told["requested_by"], "requested_at": then.at, "approved_by": ""}
    row = {
        "id": told["request"],
        "product": change["subject"],
        "domain": change["domain"],
        **asked,
        **ids,
        **by,
        **step,
    }
    spans.begun(then, ACCESS, {**row, "ends": datetime.fromisoformat(told["until"])})


def _suspended(change: Change, then: Then) -> None:
    told, who = change["payload"], change["principal"]
    key = {"policy": told["policy"]}
    days = {"begins": then.at, "ends": datetime.fromisoformat(told["until"])}
    row = {"reason": told["reason"], "suspended_by": who, **days, "state": "active", "principal": who}
    if then.connection.execute(SUSPENSION.select().where(spans.now(SUSPENSION, key))).first() is None:
        spans.begun(then, SUSPENSION, {**key, **row})
    else:
        spans.changed(then, SUSPENSION, key, row)


def _lifted(change: Change, then: Then) -> None:
    key = {"policy": change["payload"]["policy"]}
    _changed(change, then, SUSPENSION, key, {"state": "lifted", "principal": change["principal"]})


def _released(change: Change, then: Then) -> None:
    told = change["payload"]
    now = (ACTIVE.c.until_revision.is_(None), ACTIVE.c.bundle == releases.BUNDLE)
    then.connection.execute(update(ACTIVE).where(*now).values(until_revision=then.revision))
    row = {"bundle": releases.BUNDLE, "release_number": told["number"], "reason": told["reason"]}
    who = {"principal": change["principal"], "at": then.at, "from_revision": then.revision}
    then.connection.execute(insert(ACTIVE), {**row, **who})


def _erased(change: Change, then: Then) -> None:
    told = change["payload"]
    there = update(PAYLOAD).where(PAYLOAD.c.digest == told["input_digest"], PAYLOAD.c.content.is_not(None))
    then.connection.execute(there.values(content=None, erased_at=then.at))
    if told["record"]:
        then.connection.execute(update(DECISION).where(DECISION.c.id == told["decision"]).values(record=None))


def _changed(change: Change, then: Then, table: Any, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    here = then.connection.execute(table.select().where(spans.now(table, key))).first()
    _one(change, 0 if here is None else 1)
    spans.changed(then, table, key, values)


def _one(change: Change, rows: int) -> None:
    if rows != 1:
        raise Altered(f"the change {change['cursor']} ({change['kind']}), which speaks of something that is not there")


EFFECTS: Mapping[str, Callable[[Change, Then], None]] = {
    **{f"version.{status}": _status for status in ("active", "deprecated", "withdrawn")},
    **{f"waiver.{state}": _waiver for state in ("requested", "approved", "rejected", "revoked")},
    **{f"access.{state}": _access for state in ("requested", "approved", "rejected", "revoked", "expired")},
    "policy.suspended": _suspended,
    "policy.unsuspended": _lifted,
    "release.activated": _released,
    "release.rolled-back": _released,
    ERASED: _erased,
}
