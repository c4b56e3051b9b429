"""By which rules, with which engine and at which moment is a deployment judged?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from api.flows.grounds import RulesOn
from engine.policy.port import PolicyEngine


@dataclass(frozen=True, slots=True)
class Bench:
    """Where judgement is passed; made anew for every deployment, so that it is always by the rules of now."""

    rules_on: RulesOn
    engine: PolicyEngine
    clock: Callable[[], datetime]
