"""When did a product stand how, and by which decision?

A version begins to stand by the decision that accepted it; a rescan that decides otherwise begins another entry. What
only confirms how it stands begins none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, literal, select, union_all

from catalog.database import Database
from catalog.spans import ever
from catalog.standings import State
from catalog.tables.decision import DecisionRow
from catalog.tables.product import VersionRow
from catalog.tables.row import table_of
from catalog.tables.standing import RescanRow, StandingRow
from catalog.visible import visible
from engine.model import Principal

VERSION, STANDING, RESCAN = table_of(VersionRow), table_of(StandingRow), table_of(RescanRow)
DECISION = table_of(DecisionRow)

MOST = 200
"""Entries of one line that are told, the newest ones."""


Step = tuple[str | None, str]
"""A decision and the one before it, which there may not have been."""


class Entry(NamedTuple):
    """From `revision` on the version stood so, by this decision; `before_id` is the decision of the entry before it.

    `why` is `accepted`, or the reason of the rescan (`rules`, `day`, `neighbours`, `asked`).
    """

    line_id: str
    revision: int
    at: datetime
    version: str
    state: str
    why: str
    decision_id: str
    bundle_revision: str | None
    before_id: str | None

    @property
    def step(self) -> Step:
        """The decision before it, and its own."""
        return (self.before_id, self.decision_id)


class Turn(NamedTuple):
    """A policy that ended otherwise than in the decision before: `before` is None where it was not selected there."""

    policy: str
    before: str | None
    after: str | None


class ComplianceHistory:
    """Reads of how lines stood; one statement for any number of lines."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def found(
        self, line_ids: Sequence[str], *, principal: Principal, at: int | None = None
    ) -> dict[str, tuple[Entry, ...]]:
        """The entries of each of these lines, newest first, at most `MOST`; `at` leaves out what came later."""
        with self._database.reading() as connection:
            rows = connection.execute(_statement(line_ids, principal, at)).all()
        found: dict[str, list[Entry]] = {one: [] for one in line_ids}
        for row in rows:
            found[row.line_id].append(Entry(*row[: len(Entry._fields)]))
        return {one: tuple(entries) for one, entries in found.items()}


def turns(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> tuple[Turn, ...]:
    """Which policies ended otherwise, by id; both as `facts.policy_states` tells them."""
    old, new = ({str(one["policy"]): str(one["state"]) for one in some} for some in (before, after))
    every = [Turn(id, old.get(id), new.get(id)) for id in sorted({*old, *new})]
    return tuple(one for one in every if one.before != one.after)


def _statement(line_ids: Sequence[str], principal: Principal, at: int | None) -> Select[Any]:
    every = union_all(_accepted(line_ids, principal), _rescanned(line_ids, principal)).subquery()
    order = (every.c.revision, every.c.decision_id)
    before = func.lag(every.c.decision_id).over(partition_by=every.c.line_id, order_by=order)
    newest = func.row_number().over(partition_by=every.c.line_id, order_by=[one.desc() for one in order])
    # windows are looked through whole: what came later than the revision is left out before
    then = every.c.revision <= at if at is not None else every.c.revision.is_not(None)
    told = select(every, before.label("before_id"), newest.label("rank")).where(then).subquery()
    named = [told.c[name] for name in Entry._fields]
    return select(*named).where(told.c.rank <= MOST).order_by(told.c.line_id, told.c.rank)


def _accepted(line_ids: Sequence[str], principal: Principal) -> Select[Any]:
    columns = (
        VERSION.c.line_id,
        VERSION.c.from_revision.label("revision"),
        VERSION.c.accepted_at.label("at"),
        VERSION.c.version,
        literal(str(State.COMPLIANT)).label("state"),
        literal("accepted").label("why"),
        VERSION.c.decision_id,
        DECISION.c.bundle_revision,
    )
    joined = select(*columns).join(DECISION, DECISION.c.id == VERSION.c.decision_id)
    return joined.where(VERSION.c.line_id.in_(list(line_ids)), visible(principal, VERSION.c.domain))


def _rescanned(line_ids: Sequence[str], principal: Principal) -> Select[Any]:
    """Standings by a decision of their own: one that a version was accepted by is told there."""
    columns = (
        STANDING.c.line_id,
        STANDING.c.from_revision.label("revision"),
        STANDING.c.decided_at.label("at"),
        STANDING.c.version,
        STANDING.c.state,
        RESCAN.c.reason.label("why"),
        STANDING.c.decision_id,
        DECISION.c.bundle_revision,
    )
    joined = STANDING.join(RESCAN, RESCAN.c.id == STANDING.c.rescan_id).join(
        DECISION, DECISION.c.id == STANDING.c.decision_id
    )
    joined = joined.join(
        VERSION, and_(VERSION.c.id == STANDING.c.version_id, VERSION.c.decision_id != STANDING.c.decision_id)
    )
    here = ever(STANDING), STANDING.c.line_id.in_(list(line_ids)), visible(principal, STANDING.c.domain)
    return select(*columns).select_from(joined).where(*here)
