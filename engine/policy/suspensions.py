"""Which policies are set aside for a while, by whom, and why?

A suspension demotes a policy to shadow: it is still asked and its findings are recorded, but they reach nobody and an
error of it stops nothing. It ends by itself (DESIGN §4, Lifecycle).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from engine.model import Enforcement
from engine.policy.enforcement import Level


@dataclass(frozen=True, slots=True)
class Suspension:
    """A reasoned, expiring demotion of one policy; it holds from `begins` up to, not including, `ends`."""

    policy: str
    reason: str
    suspended_by: str
    begins: datetime
    ends: datetime

    def in_force(self, now: datetime) -> bool:
        return self.begins <= now < self.ends

    @property
    def told(self) -> str:
        """What decisions say of it."""
        return f"suspended until {self.ends:%Y-%m-%dT%H:%MZ} by {self.suspended_by}: {self.reason}"


def suspended(suspensions: Iterable[Suspension], policy: str, *, now: datetime) -> Suspension | None:
    """The suspension of this policy that is in force now."""
    return next((one for one in suspensions if one.policy == policy and one.in_force(now)), None)


def demoted(level: Level, suspension: Suspension) -> Level:
    """Shadow, whatever was assigned; the assigned level holds again afterwards."""
    return Level(Enforcement.SHADOW, level.assigned, suspension.told)
