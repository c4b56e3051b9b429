"""Does the policy engine find fault with a document that breaks nearly every rule? (Silence would be a false pass.)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from engine.errors import SelfTestFailed
from engine.model import Bundle, Json, PolicyFailure
from engine.policy.dates import utc_day
from engine.policy.port import PolicyEngine

if TYPE_CHECKING:
    from api.wiring import House

HOLDS = timedelta(seconds=30)
"""How long a self-test that was passed is believed, so that probes cost nothing."""


@dataclass(frozen=True, slots=True)
class Fitness:
    """How many of the asked policies object to an empty descriptor, and which ones err on it."""

    asked: int
    objecting: int
    failing: tuple[str, ...]


def self_test(engine: PolicyEngine, bundle: Bundle, *, now: datetime) -> Fitness:
    """What the engine makes of an empty descriptor. Raises PolicyEngineUnavailable, or SelfTestFailed for silence."""
    asked = sorted(bundle.policies)
    context: dict[str, Json] = {
        "event": "submit",
        "environment": None,
        "domain": None,
        "policies": asked,
        "parameters": {},
        "previous": None,
        "mesh": None,
        "now": utc_day(now),
    }
    answers = engine.evaluate(bundle, asked, {"_context": context})
    failing = tuple(name for name, answer in answers.items() if isinstance(answer, PolicyFailure))
    objecting = sum(bool(answer) for name, answer in answers.items() if name not in failing)
    if not objecting:
        errors = f"; {len(failing)} policies err on it: {', '.join(failing)}" if failing else ""
        raise SelfTestFailed(f"{engine.name} found nothing wrong with an empty descriptor{errors}.")
    return Fitness(len(asked), objecting, failing)


class Probation:
    """The engine of one house, tested again only for another bundle or when the last test is old."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._passed: tuple[str, datetime] | None = None

    def check(self) -> None:
        """Return when the engine works. Raises as `self_test`, and what loading the bundle raises."""
        bundle, now = self._house.rules.bundle, self._house.clock()
        if self._passed is not None and self._passed[0] == bundle.revision and now - self._passed[1] < HOLDS:
            return
        self._passed = None
        self_test(self._house.engine, bundle, now=now)
        self._passed = (bundle.revision, now)
