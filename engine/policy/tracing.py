"""Which way leads from a rule in words to what computes it and back, and where does a way end in nothing?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.model import Bundle, Policy
from engine.policy.assignments import Assignment
from engine.policy.global_policies import GlobalPolicy, Status
from engine.policy.governance import Governance
from engine.policy.rules import Rules
from engine.policy.suspensions import Suspension, suspended


class GapCode(StrEnum):
    """What is missing on a way."""

    NOT_COMPUTED = "not-computed"
    REVIEW_OVERDUE = "review-overdue"
    NO_MANDATE = "no-mandate"


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that is missing: of which global policy or policy, and in words."""

    code: GapCode
    subject: str
    msg: str


@dataclass(frozen=True, slots=True)
class TracedGlobal:
    """A rule in words with the policies that compute it; `attested` is whether somebody's word for it holds now."""

    words: GlobalPolicy
    policies: tuple[Policy, ...]
    attested: bool
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class TracedPolicy:
    """A policy with the rules in words that it computes (its mandates), and where it is assigned."""

    policy: Policy
    mandates: tuple[GlobalPolicy, ...]
    assignments: tuple[Assignment, ...]
    suspension: Suspension | None
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """Every way in both directions, by id."""

    global_policies: tuple[TracedGlobal, ...]
    policies: tuple[TracedPolicy, ...]

    @property
    def gaps(self) -> tuple[Gap, ...]:
        ways: tuple[TracedGlobal | TracedPolicy, ...] = (*self.global_policies, *self.policies)
        return tuple(gap for one in ways for gap in one.gaps)


def trace(rules: Rules, *, now: datetime) -> Trace:
    """The ways between the rules in words and the policies of the bundle, as they are at this moment.

    A rule that is retired mandates nothing, and nothing is missing in it; one that is a draft needs no policy yet.
    """
    held, bundle = rules.governance, rules.bundle
    words = sorted(held.global_policies, key=lambda one: one.id)
    return Trace(
        tuple(_global(one, bundle, now) for one in words),
        tuple(_policy(one, held, words, now) for _, one in sorted(bundle.policies.items())),
    )


def _global(words: GlobalPolicy, bundle: Bundle, now: datetime) -> TracedGlobal:
    attested = words.attestation is not None and words.attestation.in_force(now)
    policies = tuple(bundle.policies[one] for one in words.policies)
    return TracedGlobal(words, policies, attested, tuple(_missing(words, now, attested=attested)))


def _missing(words: GlobalPolicy, now: datetime, *, attested: bool) -> Iterator[Gap]:
    if words.status is Status.RETIRED:
        return
    if words.status is Status.ACTIVE and not words.policies and not attested:
        why = "its attestation does not hold today" if words.attestation else "nobody vouches for it"
        yield Gap(GapCode.NOT_COMPUTED, words.id, f"no policy computes it, and {why}")
    if words.review_by <= now:
        yield Gap(GapCode.REVIEW_OVERDUE, words.id, f"its review was due before {words.review_by:%Y-%m-%d}")


def _policy(policy: Policy, held: Governance, words: list[GlobalPolicy], now: datetime) -> TracedPolicy:
    mandates = tuple(one for one in words if policy.id in one.policies)
    mandated = any(one.status is not Status.RETIRED for one in mandates)
    gap = Gap(GapCode.NO_MANDATE, policy.id, "no global policy names it")
    return TracedPolicy(
        policy,
        mandates,
        tuple(one for one in held.assignments if one.policy == policy.id),
        suspended(held.suspensions, policy.id, now=now),
        () if mandated else (gap,),
    )
