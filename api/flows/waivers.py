"""How does a product team get an exception, and how does it end?

Files of the governance folder and requests to the service lead to the same waivers: what is checked, what they excuse
and for how long is the same (DESIGN §4, Waiver). Requester and approver are who asks, never what a body says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from api.auth.permissions import Action, require
from api.flows.once import Once, commit
from engine.errors import Forbidden, NotFound, WaiverDecided, WaiverInvalid
from engine.model import Principal
from engine.policy import dates
from engine.policy.entries import wrong_exception

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.waivers import StoredWaiver
    from catalog.work import UnitOfWork

LONGEST = 2000
"""Characters of any text of a request."""


class Step(StrEnum):
    """What can be done with a waiver once it was requested."""

    APPROVE = "approve"
    REJECT = "reject"
    REVOKE = "revoke"


@dataclass(frozen=True, slots=True)
class _Way:
    """From which states a step leads to which."""

    before: frozenset[str]
    after: str


_WAYS: Mapping[Step, _Way] = {
    Step.APPROVE: _Way(frozenset({"requested"}), "approved"),
    Step.REJECT: _Way(frozenset({"requested"}), "rejected"),
    Step.REVOKE: _Way(frozenset({"requested", "approved"}), "revoked"),
}


def request(
    asked: Mapping[str, str], *, principal: Principal, house: House, once: Once[StoredWaiver] | None = None
) -> StoredWaiver:
    """A waiver that was asked for with the keys of a waiver file, but for id and people; `from` is today unless given.

    The product is one that was accepted, or decided on: one that is refused may need a waiver to come in. Raises
    Forbidden, and WaiverInvalid that names everything that is wrong in `errors`.
    """
    from catalog.submitted import domain_of
    from catalog.waivers import WaiverBook

    require(principal, Action.REQUEST_WAIVER)
    now = house.clock()
    entry = {"from": dates.utc_day(now)[:10], **{key: text.strip() for key, text in asked.items() if text.strip()}}
    _refuse(_wrong(entry, house))
    begins, ends = dates.beginning(entry["from"]), dates.end(entry["until"])
    if ends <= now:
        _refuse([("until", f"has passed: {entry['until']}")])
    with house.database.work(principal, at=now) as work:
        work.head()
        domain = domain_of(work.connection, entry["product"])
        if domain is None:
            _refuse([("product", f"nothing was ever submitted as `{entry['product']}`")])
        require(principal, Action.REQUEST_WAIVER, domain=domain)
        made = WaiverBook(work).request(entry, domain=domain or "", begins=begins, ends=ends)
        commit(work, made, once)
    return made


def take(
    step: Step,
    waiver_id: str,
    *,
    note: str,
    principal: Principal,
    house: House,
    once: Once[StoredWaiver] | None = None,
) -> StoredWaiver:
    """The waiver after this step. To reject or revoke needs a reason (`note`).

    Who requested a waiver may take it back (revoke it) but never approve it, whatever their roles. Raises Forbidden,
    NotFound, WaiverInvalid for a missing reason, WaiverDecided where the step does not lead on from its state.
    """
    from catalog.waivers import WaiverBook

    _may(step, principal)
    with house.database.work(principal, at=house.clock()) as work:
        work.head()
        found = _found(waiver_id, work, house)
        _permitted(step, found, principal)
        way = _WAYS[step]
        if found.state not in way.before:
            raise WaiverDecided(
                f"The waiver {waiver_id} is {found.state}; only one that is "
                f"{' or '.join(sorted(way.before))} can be {way.after}.",
                waiver=waiver_id,
                state=found.state,
            )
        if step is not Step.APPROVE and not note.strip():
            _refuse([("reason", f"to {step} a waiver needs a reason")])
        if step is Step.APPROVE and found.ends <= work.at:
            _refuse([("until", f"has passed: {found.ends.isoformat()}")])
        made = WaiverBook(work).step(waiver_id, way.after, note=note.strip()[:LONGEST])
        commit(work, made, once)
    return made


def _found(waiver_id: str, work: UnitOfWork, house: House) -> StoredWaiver:
    from catalog.waivers import found_on

    found = found_on(work.connection, waiver_id)
    if found is None:
        if any(one.id == waiver_id for one in house.rules.governance.waivers):
            told = f"The waiver `{waiver_id}` stands in the governance folder; change it there."
            raise NotFound(told, waiver=waiver_id)
        raise NotFound(f"There is no waiver `{waiver_id}`.", waiver=waiver_id)
    return found


def _may(step: Step, principal: Principal) -> None:
    """Refuse whoever may do this to no waiver at all, before they learn which waivers there are."""
    try:
        require(principal, Action.APPROVE_WAIVER)
    except Forbidden:
        if step is not Step.REVOKE:
            raise
        require(principal, Action.REQUEST_WAIVER)


def _permitted(step: Step, waiver: StoredWaiver, principal: Principal) -> None:
    own = waiver.requested_by.casefold() == principal.id.casefold()
    if step is Step.REVOKE and own:
        require(principal, Action.REQUEST_WAIVER, domain=waiver.domain)
        return
    require(principal, Action.APPROVE_WAIVER, domain=waiver.domain)
    if step is Step.APPROVE and own:
        told = f"`{principal.id}` requested this waiver, and nobody approves their own."
        raise Forbidden(told, principal=principal.id, action=str(Action.APPROVE_WAIVER), waiver=waiver.id)


def _wrong(entry: Mapping[str, str], house: House) -> list[tuple[str, str]]:
    missing = [(key, "is needed") for key in ("policy", "product", "reason", "until") if key not in entry]
    long = [(key, f"is longer than {LONGEST} characters") for key, text in entry.items() if len(text) > LONGEST]
    if missing or long:
        return missing + long
    return [(str(path[0]), msg) for path, msg in wrong_exception(dict(entry), house.rules.bundle)]


def _refuse(wrong: list[tuple[str, str]]) -> None:
    if wrong:
        told = "; ".join(f"{key}: {msg}" for key, msg in wrong)
        raise WaiverInvalid(told, errors=[{"at": key, "msg": msg} for key, msg in wrong])
