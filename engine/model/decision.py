"""What was decided, on which facts, for whom?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.model.descriptor import Identity, Place, Problem
from engine.model.document import Json
from engine.model.policy import Enforcement, Event, Finding, Severity


class Outcome(StrEnum):
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNDECIDED = "undecided"


class PolicyState(StrEnum):
    PASS = "pass"  # noqa: S105 (a verdict, no password)
    FAIL = "fail"
    ERROR = "error"
    SKIPPED = "skipped"


class Disposition(StrEnum):
    """What became of one finding after assignments, dates and waivers."""

    BLOCKING = "blocking"
    ADVISORY = "advisory"
    SHADOW = "shadow"
    WAIVED = "waived"
    BASELINED = "baselined"


@dataclass(frozen=True, slots=True)
class PolicyRun:
    """How one selected policy ended."""

    policy: str
    state: PolicyState
    enforcement: Enforcement
    severity: Severity
    reason: str = ""
    #: whether the policy is set aside for now (then `reason` says by whom, why and until when)
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class JudgedFinding:
    """A finding with what the engine knows of it: how hard it hits, where it stands, and its stable fingerprint."""

    finding: Finding
    severity: Severity
    enforcement: Enforcement
    disposition: Disposition
    place: Place
    fingerprint: str
    component: str = ""
    remediation: str = ""
    waiver: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """The full, replayable answer for one descriptor (DESIGN §4, Decision).

    `effective_input` is exactly what the policies saw, `_context` included; None when nothing could be read.
    `moment` is the exact time of the decision, `now` the day that the policies saw.
    """

    id: str
    outcome: Outcome
    provisional: bool
    event: Event
    environment: str | None
    product: Identity | None
    moment: datetime
    now: str
    engine: str | None = None
    bundle_revision: str | None = None
    assignments_digest: str | None = None
    waivers_digest: str | None = None
    input_digest: str | None = None
    effective_input: Mapping[str, Json] | None = None
    catalog_revision: int | None = None
    policies: tuple[PolicyRun, ...] = ()
    findings: tuple[JudgedFinding, ...] = ()
    problems: tuple[Problem, ...] = ()
    #: why the policy engine as a whole gave no usable answer; then the outcome is undecided
    engine_failure: str = ""

    @property
    def blocking(self) -> tuple[JudgedFinding, ...]:
        return tuple(one for one in self.findings if one.disposition is Disposition.BLOCKING)

    @property
    def errors(self) -> tuple[PolicyRun, ...]:
        return tuple(run for run in self.policies if run.state is PolicyState.ERROR)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: every write records it, every read is filtered for it."""

    id: str
    roles: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
