"""How does somebody ask to read an output port?

Policies judge the request before anybody else has to. What they refuse is no request, but the decision is logged; where
they cannot be asked, nothing is kept.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from api.auth.permissions import Action, require
from api.flows.access import judging
from api.flows.access.judging import ATTEMPTS, Case
from api.flows.access.wish import Wish, checked
from api.flows.once import Once, commit
from catalog.access import AccessBook, AccessRequest, Asked, waiting_on
from catalog.domains import domain_now
from engine.errors import AccessWaiting, CatalogMoved
from engine.model import Decision, Principal

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.work import UnitOfWork


def request(
    wish: Wish, *, principal: Principal, house: House, once: Once[AccessRequest] | None = None
) -> AccessRequest:
    """A request that policies have nothing against; it lets nobody in before somebody else approves it.

    Raises Forbidden, NotFound, AccessInvalid, AccessRefused (with `reasons`), AccessWaiting,
    PolicyEngineUnavailable, and CatalogMoved where what the decision relied on was something else each time.
    """
    require(principal, Action.REQUEST_ACCESS)
    now = house.clock()
    subject, ends = checked(wish, now=now, longest=timedelta(days=house.settings.access_days))
    asks = {"subject": subject, "purpose": wish.purpose.strip(), "until": ends.isoformat()}
    for _ in range(ATTEMPTS):
        of = judging.case(wish.product, wish.port, wish.environment, asks, principal=principal, house=house)
        grounds, decision = judging.judged(of, now=now, house=house)
        with house.database.work(principal, at=now) as work:
            if grounds.hold(work, house.rules_on):
                return _kept(work, of, decision, ends, once)
    raise CatalogMoved()


def _kept(
    work: UnitOfWork, of: Case, decision: Decision, ends: datetime, once: Once[AccessRequest] | None
) -> AccessRequest:
    asked = _asked(work, of, decision, ends)
    before = waiting_on(work.connection, asked)
    if before is not None:
        detail = f"{asked.subject} waits for access to {asked.port} of {asked.product} already: {before.id}."
        raise AccessWaiting(detail, request=before.id)
    judging.log(work, decision, of)
    refused = judging.refusal(decision, of)
    if refused is not None:
        commit(work, refused, once)
        raise refused
    made = AccessBook(work).request(asked)
    commit(work, made, once)
    return made


def _asked(work: UnitOfWork, of: Case, decision: Decision, ends: datetime) -> Asked:
    one = of.subject.identity
    return Asked(
        line_id=one.id,
        product_id=of.subject.product_id,
        product=one.fqn,
        major=one.major,
        version=one.version,
        decision_id=decision.id,
        port=of.port,
        environment=of.environment,
        subject=of.asks["subject"],
        purpose=of.asks["purpose"],
        domain=domain_now(work.connection, of.subject.product_id) or of.subject.domain,
        ends=ends,
    )
