"""How is a policy suspended and taken back into force, and which ones are suspended?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from catalog.spans import at_revision, begun, changed, now
from catalog.tables.governing import SuspensionRow
from catalog.tables.row import table_of
from engine.policy.suspensions import Suspension

if TYPE_CHECKING:
    from catalog.work import UnitOfWork

SUSPENSION = table_of(SuspensionRow)
_NAMES = ("policy", "reason", "suspended_by", "begins", "ends")
_COLUMNS = tuple(SUSPENSION.c[name] for name in _NAMES)
_ACTIVE = select(*_COLUMNS).where(SUSPENSION.c.state == "active").order_by(SUSPENSION.c.policy)


def active_on(connection: Connection, *, at: int | None = None) -> tuple[Suspension, ...]:
    """Every suspension that is not lifted now, or was not at a revision, whenever it holds, by policy."""
    return tuple(Suspension(*row) for row in connection.execute(_ACTIVE.where(at_revision(SUSPENSION, at))))


class SuspensionBook:
    """The suspensions of one unit of work; call `work.head()` before reading what you rely on."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def suspend(self, policy: str, *, reason: str, ends: datetime) -> Suspension:
        """Set a policy aside from now on; a suspension that it has already is replaced."""
        who, work = self._work.principal.id, self._work
        made = Suspension(policy, reason, who, begins=work.at, ends=ends)
        values: dict[str, Any] = {name: getattr(made, name) for name in _NAMES}
        if self._holds(policy):
            changed(work, SUSPENSION, {"policy": policy}, {**values, "state": "active", "principal": who})
        else:
            begun(work, SUSPENSION, {**values, "state": "active", "principal": who})
        payload = {"policy": policy, "reason": reason, "until": ends.isoformat()}
        work.changes.append("policy.suspended", "", payload)
        return made

    def lift(self, policy: str) -> bool:
        """Take a policy back into force before the end of its suspension; False where it has none."""
        found = {one.policy: one for one in active_on(self._work.connection)}.get(policy)
        if found is None or not found.in_force(self._work.at):
            return False
        changed(self._work, SUSPENSION, {"policy": policy}, {"state": "lifted", "principal": self._work.principal.id})
        payload = {"policy": policy, "reason": found.reason, "until": found.ends.isoformat()}
        self._work.changes.append("policy.unsuspended", "", payload)
        return True

    def _holds(self, policy: str) -> bool:
        here = select(SUSPENSION.c.policy).where(now(SUSPENSION, {"policy": policy}))
        return self._work.connection.execute(here).first() is not None
