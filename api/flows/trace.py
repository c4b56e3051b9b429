"""Which way leads from a sentence to its policies, and how does the mesh stand by them?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from api.auth.permissions import Action, require
from api.flows.waiver_list import ShownWaiver, Wanted, chosen
from engine.errors import NotFound
from engine.model import Principal
from engine.policy.tracing import Gap, Trace, TracedGlobal, TracedPolicy, trace

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.coverage import Covered, Tally

SCHEMA = "meshgate/trace/1"
Told = dict[str, Any]


def traced(about: str | None = None, *, principal: Principal, house: House) -> Told:
    """The trace with what the catalog knows: coverage, and for one id that is asked `about` its findings too.

    Raises Forbidden, and NotFound for an id that neither a global policy nor a policy has.
    """
    require(principal, Action.READ)
    covered = house.coverage.covered(principal=principal)
    found = trace(house.rules_now(), now=house.clock())
    return told(found, about, covered=covered, waivers=chosen(Wanted(), principal=principal, house=house))


def from_the_folder(about: str | None = None, *, house: House) -> Told:
    """The trace where no catalog is at hand: coverage is null."""
    from api.flows.waiver_list import of_files

    return told(trace(house.rules, now=house.clock()), about, covered=None, waivers=of_files(house))


def told(found: Trace, about: str | None, *, covered: Covered | None, waivers: Sequence[ShownWaiver]) -> Told:
    """The trace as data: all of it, or what stands on the ways through one id."""
    words, policies = _chosen(found, about)
    gaps = [gap for one in words for gap in one.gaps] + [gap for one in policies for gap in one.gaps]
    return {
        "schema": SCHEMA,
        "complete": None if covered is None else covered.complete,
        "global_policies": [_global(one) for one in words],
        "policies": [_policy(one, covered, waivers, findings=about is not None) for one in policies],
        "gaps": [_gap(one) for one in gaps],
    }


def _chosen(found: Trace, about: str | None) -> tuple[Sequence[TracedGlobal], Sequence[TracedPolicy]]:
    if about is None:
        return found.global_policies, found.policies
    words = [one for one in found.global_policies if one.words.id == about]
    if words:
        return words, [one for one in found.policies if one.policy.id in words[0].words.policies]
    policies = [one for one in found.policies if one.policy.id == about]
    if not policies:
        raise NotFound(f"There is neither a global policy nor a policy `{about}`.", id=about)
    return [one for one in found.global_policies if about in one.words.policies], policies


def _global(one: TracedGlobal) -> Told:
    words = one.words
    names = ("id", "title", "owner", "scope", "rationale", "file", "line")
    return {
        **{name: getattr(words, name) for name in names},
        "status": words.status.value,
        "review_by": _last_day(words.review_by),
        "attestation": _attestation(one),
        "policies": list(words.policies),
        "gaps": [_gap(gap) for gap in one.gaps],
    }


def _attestation(one: TracedGlobal) -> Told | None:
    word = one.words.attestation
    if word is None:
        return None
    days = {"on": f"{word.on:%Y-%m-%d}", "until": _last_day(word.until)}
    return {"by": word.by, **days, "evidence": word.evidence, "in_force": one.attested}


def _policy(one: TracedPolicy, covered: Covered | None, waivers: Sequence[ShownWaiver], *, findings: bool) -> Told:
    policy = one.policy
    standing = None if covered is None else covered.of(policy.id)
    mine = [waiver for waiver in waivers if waiver.policy == policy.id]
    made: Told = {
        **{name: getattr(policy, name) for name in ("id", "title", "owner")},
        "file": policy.path,
        "enforcement": policy.enforcement.value,
        "global_policies": [words.id for words in one.mandates],
        "assignments": [_assignment(each) for each in one.assignments],
        "suspension": _suspension(one),
        "coverage": None if standing is None else _coverage(standing.whole, standing.domains),
        "waivers": [{name: str(getattr(each, name)) for name in ("id", "state", "product")} for each in mine],
        "gaps": [_gap(gap) for gap in one.gaps],
    }
    if findings and standing is not None:
        made["findings"] = [each._asdict() for each in standing.findings]
    return made


def _coverage(whole: Tally, domains: dict[str, Tally]) -> Told:
    return {**asdict(whole), "domains": {name: asdict(tally) for name, tally in sorted(domains.items())}}


def _assignment(one: Any) -> Told:
    since = one.effective_from.isoformat() if one.effective_from else None
    return {
        "scope": one.scope,
        "enforcement": one.enforcement.value,
        "effective_from": since,
        "file": one.file,
        "line": one.line,
    }


def _suspension(one: TracedPolicy) -> Told | None:
    found = one.suspension
    if found is None:
        return None
    return {"reason": found.reason, "suspended_by": found.suspended_by, "until": found.ends.isoformat()}


def _gap(gap: Gap) -> Told:
    return {"code": gap.code.value, "subject": gap.subject, "msg": gap.msg}


def _last_day(end: Any) -> str:
    return f"{end - timedelta(microseconds=1):%Y-%m-%d}"
