"""How does a request for access go on once it was made: who approves, rejects or revokes it, and when does it end?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from api.auth.permissions import Action, require
from api.flows.access import judging
from api.flows.access.judging import ATTEMPTS
from api.flows.access.wish import LONGEST, refuse
from api.flows.once import Once, commit
from catalog.access import AccessBook, AccessRequest, found_on, over_on
from catalog.domains import domain_now
from engine.errors import AccessDecided, CatalogMoved, Forbidden, NotFound
from engine.model import Principal

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.database import Database
    from catalog.work import UnitOfWork


class Step(StrEnum):
    """What can be done with a request once it was made."""

    APPROVE = "approve"
    REJECT = "reject"
    REVOKE = "revoke"


_AFTER = {Step.APPROVE: "approved", Step.REJECT: "rejected", Step.REVOKE: "revoked"}
_BEFORE: Mapping[Step, frozenset[str]] = {
    Step.APPROVE: frozenset({"requested"}),
    Step.REJECT: frozenset({"requested"}),
    Step.REVOKE: frozenset({"requested", "approved"}),
}
AT_ONCE = 100
"""Requests that are ended in one unit of work."""


def take(
    step: Step,
    request_id: str,
    *,
    note: str,
    principal: Principal,
    house: House,
    once: Once[AccessRequest] | None = None,
) -> AccessRequest:
    """The request after this step. To reject or revoke needs a reason (`note`).

    Approvers are those of the domain that has the product now; who requested access, or is to get it, never approves
    it, and may take it back. At an approval the policies are asked once more. Raises Forbidden, NotFound,
    AccessInvalid, AccessDecided where the step does not lead on from its state, AccessRefused,
    PolicyEngineUnavailable and CatalogMoved.
    """
    _may(step, principal)
    note = note.strip()[:LONGEST]
    if step is Step.APPROVE:
        return _approved(request_id, note, principal, house, once)
    if not note:
        refuse([("reason", f"to {step} access needs a reason")])
    with house.database.work(principal, at=house.clock()) as work:
        work.head()
        _permitted(step, request_id, work)
        made = AccessBook(work).step(request_id, _AFTER[step], note=note)
        commit(work, made, once)
    return made


def end(database: Database, *, principal: Principal, now: datetime) -> int:
    """End what was open and is over at this moment; answers how many requests."""
    with database.work(principal, at=now) as work:
        if not over_on(work.connection, now, limit=1):
            return 0
        work.head()
        over = over_on(work.connection, now, limit=AT_ONCE)
        for one in over:
            AccessBook(work).step(one.id, "expired", note="its time is over")
        work.commit()
    return len(over)


def _approved(
    request_id: str, note: str, principal: Principal, house: House, once: Once[AccessRequest] | None
) -> AccessRequest:
    """Judged once more: what a policy has nothing against today may have been asked for long ago."""
    for _ in range(ATTEMPTS):
        now = house.clock()
        with house.database.work(principal, at=now) as work:
            found = _permitted(Step.APPROVE, request_id, work)
        asks = {"subject": found.subject, "purpose": found.purpose, "until": found.ends.isoformat()}
        where = (found.product, found.port, found.environment)
        of = judging.case(*where, asks, principal=principal, house=house)
        grounds, decision = judging.judged(of, now=now, house=house)
        with house.database.work(principal, at=now) as work:
            if not grounds.hold(work, house.rules_on):
                continue
            _permitted(Step.APPROVE, request_id, work)
            judging.log(work, decision, of)
            refused = judging.refusal(decision, of)
            if refused is not None:
                commit(work, refused, once)
                raise refused
            made = AccessBook(work).step(request_id, "approved", note=note)
            commit(work, made, once)
            return made
    raise CatalogMoved()


def _may(step: Step, principal: Principal) -> None:
    """Refuse whoever may do this to no request at all, before they learn which requests there are."""
    try:
        require(principal, Action.APPROVE_ACCESS)
    except Forbidden:
        if step is not Step.REVOKE:
            raise
        require(principal, Action.REQUEST_ACCESS)


def _permitted(step: Step, request_id: str, work: UnitOfWork) -> AccessRequest:
    """The request, of which this step leads on and which this principal may take it with."""
    found = found_on(work.connection, request_id)
    if found is None:
        raise NotFound(f"There is no request for access `{request_id}`.", request=request_id)
    principal, own = work.principal, found.requested_by.casefold() == work.principal.id.casefold()
    if not (step is Step.REVOKE and own):
        domain = domain_now(work.connection, found.product_id) or found.domain
        require(principal, Action.APPROVE_ACCESS, domain=domain)
    gets_it = found.subject.casefold() == f"user:{principal.id}".casefold()
    if step is Step.APPROVE and (own or gets_it):
        why = "requested this access" if own else "is to get this access"
        told = f"`{principal.id}` {why}, and nobody approves their own."
        raise Forbidden(told, principal=principal.id, action=str(Action.APPROVE_ACCESS), request=request_id)
    _leads_on(step, found, work.at)
    return found


def _leads_on(step: Step, found: AccessRequest, now: datetime) -> None:
    if found.state not in _BEFORE[step]:
        which = " or ".join(sorted(_BEFORE[step]))
        detail = f"The request {found.id} is {found.state}; only one that is {which} can be {_AFTER[step]}."
        raise AccessDecided(detail, request=found.id, state=found.state)
    if step is Step.APPROVE and found.ends <= now:
        raise AccessDecided(f"The request {found.id} is over since {found.ends.isoformat()}.", request=found.id)
