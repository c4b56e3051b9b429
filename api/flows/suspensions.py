"""How is a policy set aside for a while, and taken back into force?"""

from __future__ import annotations

from datetime import timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING

from api.auth.permissions import Action, require
from api.flows.once import Once, commit
from engine.errors import NotFound, SuspensionInvalid
from engine.model import Enforcement, Principal
from engine.policy import dates
from engine.policy.selection import scope_of
from engine.policy.suspensions import Suspension

if TYPE_CHECKING:
    from api.wiring import House

LONGEST = timedelta(days=90)
LONGEST_OF_MANDATORY = timedelta(days=30)
"""A policy that nobody may waive is not set aside for long either (docs/decisions)."""
WORDS = 2000


def suspend(
    policy: str,
    *,
    reason: str,
    until: str,
    principal: Principal,
    house: House,
    once: Once[Suspension] | None = None,
) -> Suspension:
    """The suspension that holds from now on: the policy is asked as a shadow until it ends (a day: to its end).

    A suspension that the policy has already is replaced. Raises Forbidden (only operators suspend, and those of
    some domains only their own policies), NotFound for an
    unknown policy, SuspensionInvalid without reason or for an end that has passed or is too far.
    """
    from catalog.suspensions import SuspensionBook

    require(principal, Action.SUSPEND_POLICY, domain=scope_of(policy))
    _known(policy, house)
    if not reason.strip() or len(reason) > WORDS:
        raise SuspensionInvalid(f"A suspension needs a reason, of {WORDS} characters at most.")
    try:
        ends = dates.end(until)
    except ValueError as fault:
        raise SuspensionInvalid(f"until: {fault}") from None
    now, longest = house.clock(), _longest(policy, house)
    if not now < ends <= now + longest + timedelta(days=1):
        raise SuspensionInvalid(
            f"{policy} can be suspended for {longest.days} days at most, and to a moment to come; not until {until}.",
            policy=policy,
            days=longest.days,
        )
    with house.database.work(principal, at=now) as work:
        work.head()
        made = SuspensionBook(work).suspend(policy, reason=reason.strip(), ends=ends)
        commit(work, made, once)
    return made


def unsuspend(policy: str, *, principal: Principal, house: House) -> None:
    """Take the policy back into force now. Raises Forbidden, NotFound where it is not suspended."""
    from catalog.suspensions import SuspensionBook

    require(principal, Action.SUSPEND_POLICY, domain=scope_of(policy))
    with house.database.work(principal, at=house.clock()) as work:
        work.head()
        if not SuspensionBook(work).lift(policy):
            raise NotFound(f"The policy `{policy}` is not suspended.", policy=policy)
        work.commit()


def _known(policy: str, house: House) -> None:
    known = house.rules.bundle.policies
    if policy not in known:
        near = get_close_matches(policy, sorted(known), 1, 0.7)
        told = f"; did you mean {near[0]}?" if near else "; `meshgate policy trace` names those that hold."
        raise NotFound(f"The bundle has no policy `{policy}`{told}", policy=policy)


def _longest(policy: str, house: House) -> timedelta:
    levels = [house.rules.bundle.policies[policy].enforcement]
    levels += [one.enforcement for one in house.rules.governance.assignments if one.policy == policy]
    return LONGEST_OF_MANDATORY if Enforcement.MANDATORY in levels else LONGEST
