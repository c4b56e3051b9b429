"""Which findings are excused, by whom, and until when?

This is the only place that resolves waivers, for every door and every moment (DESIGN §4, Waiver).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.descriptor.identity import parse_fqn
from engine.model import Enforcement, Finding, Identity, JudgedFinding
from engine.policy.assignments import names_product
from engine.policy.components import Spot
from engine.policy.enforcement import Level

SOON = timedelta(days=14)
"""How long before its end a waiver is called soon-expiring."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """A reasoned, approved, expiring exception; it holds from `begins` up to, not including, `ends`."""

    id: str
    policy: str
    product: str
    reason: str
    requested_by: str
    approved_by: str
    begins: datetime
    ends: datetime
    code: str = ""
    component: str = ""
    within: str = ""
    ticket: str = ""
    file: str = ""
    line: int = 0

    def in_force(self, now: datetime) -> bool:
        return self.begins <= now < self.ends

    def covers(self, finding: Finding, where: Spot) -> bool:
        return (
            self.policy == finding.policy
            and self.code in ("", finding.code)
            and (not self.component or same_component(self.component, where.component))
            and (where.within + "/").startswith(self.within + "/")
        )


def resolve(
    waivers: Iterable[Waiver],
    finding: Finding,
    where: Spot,
    *,
    product: Identity | None,
    level: Level,
    now: datetime,
) -> Waiver | None:
    """The waiver that excuses this finding now: the first that covers it.

    A mandatory policy is never excused, not even before its effective date; a shadow finding needs no excuse.
    """
    if level.assigned is Enforcement.MANDATORY or level.enforcement is Enforcement.SHADOW:
        return None
    covering = (one for one in waivers if one.in_force(now) and one.covers(finding, where))
    return next((one for one in covering if names_product(one.product, product)), None)


def unused(
    waivers: Iterable[Waiver], findings: Iterable[JudgedFinding], *, product: Identity | None, now: datetime
) -> tuple[Waiver, ...]:
    """The waivers in force for this product that excused none of its findings."""
    used = {finding.waiver for finding in findings}
    mine = (one for one in waivers if one.in_force(now) and names_product(one.product, product))
    return tuple(one for one in mine if one.id not in used)


def expiring(waivers: Iterable[Waiver], *, now: datetime, soon: timedelta = SOON) -> tuple[Waiver, ...]:
    """The waivers in force that end within `soon`, the earliest first."""
    ending = (one for one in waivers if one.in_force(now) and one.ends - now <= soon)
    return tuple(sorted(ending, key=lambda one: (one.ends, one.id)))


def same_component(one: str, other: str) -> bool:
    """Whether two fully qualified names, in any dialect, name the same port or component."""
    if one == other:
        return True
    left, right = parse_fqn(one), parse_fqn(other)
    if left is None or right is None or not left.component:
        return False
    return left.major in (None, right.major) and (left.namespace, left.name, left.collection, left.component) == (
        right.namespace,
        right.name,
        right.collection,
        right.component,
    )
