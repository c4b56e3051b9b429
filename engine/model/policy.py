"""What is a policy, and what does it answer?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from engine.model.descriptor import Part, Problem
from engine.model.document import Json, Path


class Severity(StrEnum):
    """How bad a finding is; it never decides whether a finding blocks (that is enforcement)."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


class Enforcement(StrEnum):
    """How hard a policy applies, weakest first (DESIGN §4)."""

    SHADOW = "shadow"
    ADVISORY = "advisory"
    BLOCKING = "blocking"
    MANDATORY = "mandatory"

    @property
    def rank(self) -> int:
        return list(Enforcement).index(self)

    @property
    def rejects(self) -> bool:
        return self in (Enforcement.BLOCKING, Enforcement.MANDATORY)


class Event(StrEnum):
    """Why a decision is asked for; `check` evaluates as `submit` unless told otherwise."""

    SUBMIT = "submit"
    DEPLOY = "deploy"
    RESCAN = "rescan"
    ACCESS = "access"


class InputShape(StrEnum):
    """What a policy sees as `input`: the effective descriptor, or what an Open Data Mesh platform would show it."""

    DESCRIPTOR = "descriptor"
    ODM = "odm"


@dataclass(frozen=True, slots=True)
class FindingCode:
    """What the author of a policy wrote about one of its finding codes."""

    title: str
    remediation: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """One Rego package that yields findings, described by its own annotations (DESIGN §4, Annotations)."""

    id: str
    title: str
    description: str
    owner: str
    severity: Severity
    category: str
    enforcement: Enforcement
    events: frozenset[Event]
    needs: frozenset[str] = frozenset()
    effective_on: datetime | None = None
    parameters_schema: Mapping[str, Json] = field(default_factory=dict)
    defaults: Mapping[str, Json] = field(default_factory=dict)
    findings: Mapping[str, FindingCode] = field(default_factory=dict)
    related: tuple[str, ...] = ()
    input: InputShape = InputShape.DESCRIPTOR
    file: str = ""
    """Where its module lies on this machine: for messages here, not for anybody else."""
    path: str = ""
    """Where its module lies in the bundle, and below its folder of policies."""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A set of policies under one revision: policies by id, and every Rego module by path (tests left out)."""

    revision: str
    policies: Mapping[str, Policy]
    modules: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a policy reports: `path` leads into `input`, the effective descriptor plus `_context`."""

    policy: str
    code: str
    msg: str
    path: Path
    details: Mapping[str, Json] | None = None
    fix: tuple[Json, ...] = ()
    related: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyFailure:
    """A policy that could not be evaluated: an error of the policy, never a verdict on the product."""

    policy: str
    reason: str


Answer = tuple[Finding, ...] | PolicyFailure
"""What one policy answered to one input."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a policy may know besides the descriptor; read by the flow, never fetched by the engine.

    `now` is the exact moment; policies see it cut to the UTC day. `mesh` is None where no catalog is at hand (local
    check); then policies that need it are skipped. `accepted_at` is when this product's line was first accepted,
    for grace periods.
    """

    event: Event
    now: datetime
    environment: str | None = None
    previous: Mapping[str, Json] | None = None
    #: the files of the previous version, the root first; empty where no definition in it refers to another file
    previous_parts: tuple[Part, ...] = ()
    #: what the comparison with the previous version found, where it was made before and its files are no more at hand
    compared: tuple[Problem, ...] | None = None
    mesh: Mapping[str, Json] | None = None
    #: what would be done to the container (`engine.provision.judged`); only where something is to be deployed
    plan: Mapping[str, Json] | None = None
    catalog_revision: int | None = None
    accepted_at: datetime | None = None
    #: what a request for access asks for: subject, port, purpose, until, environment; only at the event `access`
    access: Mapping[str, Json] | None = None
    #: True on the server: a blocking policy whose needs are not met makes the decision undecided, not provisional
    authoritative: bool = False
