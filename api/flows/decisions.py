"""What was decided, on what, and why, and what of it may be shown to whom?

What the log keeps is complete, because deciding again needs the true input. The mask policy is applied where a decision
leaves the log: to everybody who is shown one but auditors, and to every export that does not ask for the complete one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from api.auth.permissions import Action, may, require
from engine.errors import ErasureInvalid, NotFound
from engine.model import Json, Principal

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.decisions import Decisions, Erased
    from catalog.log import Log
    from catalog.shown import LoggedDecision, StoredDecision
    from engine.policy.mask import Mask

SCHEMA = "meshgate/decision/1"
AT_ONCE = 16
"""Decisions that an export holds in memory, each with its input."""


def decision(decision_id: str, *, principal: Principal, house: House) -> StoredDecision:
    """The logged decision with this id, masked unless the principal is an auditor.

    Raises NotFound, Forbidden, MaskInvalid.
    """
    require(principal, Action.READ)
    found = house.seen.found([decision_id], principal=principal).get(decision_id)
    if found is None:
        raise NotFound(f"There is no decision `{decision_id}`.", decision=decision_id)
    return found


class Seen:
    """Decisions as whoever asks may see them."""

    def __init__(self, decisions: Decisions, log: Log, *, mask: Callable[[], Mask | None]) -> None:
        self._decisions, self._log, self._mask = decisions, log, mask

    def found(
        self, decision_ids: Sequence[str], *, principal: Principal, at: int | None = None
    ) -> Mapping[str, StoredDecision]:
        """The decisions with these ids, by id, that there are, or were `at` a revision. Raises MaskInvalid."""
        mask = self._mask()
        if mask is None or may(principal, Action.AUDIT):
            return self._decisions.found(decision_ids, principal=principal, at=at)
        logged = self._log.found(decision_ids, principal=principal, at=at)
        return {name: one.decision._replace(record=_record(one, mask)) for name, one in logged.items()}


def exported(
    after: str | None, *, principal: Principal, house: House, complete: bool = False, limit: int | None = None
) -> Iterator[dict[str, Json]]:
    """The decisions after this cursor, oldest first, at most `limit`: each as an OPA decision log event has it.

    Masked unless `complete`, which takes an auditor. Nothing is read before the first one is asked for, and never more
    than a few at once. Raises Forbidden at once; CursorInvalid, MaskInvalid and CatalogUnavailable on the way.
    """
    require(principal, Action.READ)
    if complete:
        require(principal, Action.AUDIT)
    return _pages(after, principal, house, None if complete else house.mask, limit)


def _pages(
    after: str | None, principal: Principal, house: House, mask: Mask | None, limit: int | None
) -> Iterator[dict[str, Json]]:
    left = limit
    while left is None or left > 0:
        count = AT_ONCE if left is None else min(AT_ONCE, left)
        page = house.log.after(after, principal=principal, limit=count)
        for one in page:
            yield event(one) if mask is None else mask.masked(event(one))
        if len(page) < count:
            return
        after, left = page[-1].cursor, None if left is None else left - count


def event(logged: LoggedDecision) -> dict[str, Json]:
    """The decision as OPA logs decisions, so that a mask policy reads the same there and here.

    `result` is the entry of the report, `input` what the policies saw; an erased one is null and says since when.
    """
    stored = logged.decision
    told = {
        "schema": SCHEMA,
        "cursor": logged.cursor,
        "revision": logged.revision,
        "decision_id": stored.id,
        "timestamp": stored.moment.isoformat(),
        "requested_by": stored.principal,
        "path": f"meshgate/{stored.event}",
        "bundles": {} if stored.bundle_revision is None else {"mesh": {"revision": stored.bundle_revision}},
        "input": logged.input,
        "result": stored.record,
    }
    return told if logged.input_erased_at is None else {**told, "input_erased_at": logged.input_erased_at.isoformat()}


def erase(decision_id: str, *, reason: str, principal: Principal, house: House, record: bool = False) -> Erased:
    """Erase what the policies of a decision saw; with `record` also its entry of the report, which may quote it.

    A tombstone stays: outcome, moment and digests, and a change with who erased it and why. What an accepted version
    itself holds is not erased. Who is limited to domains erases only what was decided about their products, as they
    belong to domains now. Raises Forbidden, NotFound, ErasureInvalid, CatalogUnavailable.
    """
    require(principal, Action.ERASE)
    if not reason.strip():
        raise ErasureInvalid()
    with house.database.work(principal, at=house.clock()) as work:
        work.head()
        for domain in sorted(work.decisions.domains(decision_id)):
            require(principal, Action.ERASE, domain=domain)
        erased = work.decisions.erase(decision_id, reason=reason.strip(), record=record)
        work.commit()
    return erased


def _record(logged: LoggedDecision, mask: Mask) -> Mapping[str, Json] | None:
    shown = mask.masked(event(logged)).get("result")
    return shown if isinstance(shown, Mapping) else None
