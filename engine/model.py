"""Which values travel along the road from bytes to a decision?

Every value is frozen: a room makes new ones, it never changes what another room made. Words are those of
docs/reference/glossary.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

Json = Any
"""A JSON value: dict with string keys, list, str, int, float, bool or None."""

Step = str | int
"""One step of a path: a key or a list index."""

Path = tuple[Step, ...]
"""Steps from the root of a document; `()` is the document itself."""


def pointer(path: Sequence[Step]) -> str:
    """The path as an RFC 6901 JSON Pointer (`""` for the whole document)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


# --- the descriptor -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """One submitted file, kept verbatim: its path relative to the root of the submission, and its bytes."""

    path: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in the author's own files (DESIGN §3.8); lines and columns are 1-based characters."""

    file: str
    line: int = 1
    column: int = 1
    source_path: str = ""
    #: the references followed to get here, outermost first, each as `file#/pointer`
    via: tuple[str, ...] = ()


Locate = Callable[[Sequence[Step]], Place]
"""Answers where a path of the *effective* descriptor stands; a missing path gives its nearest existing ancestor."""


class ProblemSeverity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


class Layer(StrEnum):
    """The ingestion step that reported a problem; `source` and `references` stop the road (DESIGN §3.7)."""

    SOURCE = "source"
    REFERENCES = "references"
    SCHEMA = "schema"
    SEMANTICS = "semantics"


@dataclass(frozen=True, slots=True)
class Problem:
    """What reading, schema and semantic rules report: `DPnnn`."""

    code: str
    name: str
    layer: Layer
    severity: ProblemSeverity
    msg: str
    path: str
    place: Place
    hint: str = ""

    @property
    def stops_the_road(self) -> bool:
        return self.severity is ProblemSeverity.ERROR and self.layer in (Layer.SOURCE, Layer.REFERENCES)


@dataclass(frozen=True, slots=True)
class Identity:
    """Which line of which product a descriptor describes, and its version (DESIGN §1, line)."""

    fqn: str
    id: str
    odm_id: str
    namespace: str
    name: str
    major: int
    version: str
    domain: str


@dataclass(frozen=True, slots=True)
class Port:
    """One port of the effective descriptor; `kind` is the DPDS entityType (`outputport`, `inputport`, …)."""

    kind: str
    name: str
    fqn: str
    version: str
    display_name: str = ""
    description: str = ""
    platform: str = ""
    services_type: str = ""
    api_specification: str = ""
    tags: tuple[str, ...] = ()


class SourceKind(StrEnum):
    """What an input port reads: another product's output port, or a system outside the mesh."""

    PORT = "port"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True)
class Reading:
    """One `dependsOn` of an input port (RFC 83): whether a port target exists is only known to the catalog.

    `product_fqn` is the line in canonical form and `port_name` the output port's name when the target is a port.
    """

    input_port: str
    target: str
    kind: SourceKind
    product_fqn: str = ""
    port_name: str = ""


@dataclass(frozen=True, slots=True)
class Descriptor:
    """One submitted document after ingestion: everything later rooms may know of it.

    `effective` is None exactly when a problem stopped the road; `identity` is None also when name or version are
    unusable. `digest` is the SHA-256 of the canonical effective document (RFC 8785), as `sha256:…`.
    """

    file: str
    parts: tuple[Part, ...]
    effective: dict[str, Json] | None
    identity: Identity | None
    digest: str | None
    problems: tuple[Problem, ...]
    locate: Locate
    ports: tuple[Port, ...] = ()
    readings: tuple[Reading, ...] = ()

    @property
    def has_errors(self) -> bool:
        return any(problem.severity is ProblemSeverity.ERROR for problem in self.problems)


# --- policies -------------------------------------------------------------------------------------------------------


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
    file: str = ""
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
    mesh: Mapping[str, Json] | None = None
    catalog_revision: int | None = None
    accepted_at: datetime | None = None
    #: True on the server: a blocking policy whose needs are not met makes the decision undecided, not provisional
    authoritative: bool = False


# --- the decision ---------------------------------------------------------------------------------------------------


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

    @property
    def blocking(self) -> tuple[JudgedFinding, ...]:
        return tuple(one for one in self.findings if one.disposition is Disposition.BLOCKING)

    @property
    def errors(self) -> tuple[PolicyRun, ...]:
        return tuple(run for run in self.policies if run.state is PolicyState.ERROR)


# --- who asks -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: every write records it, every read is filtered for it."""

    id: str
    roles: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
