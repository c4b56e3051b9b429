"""What does the engine know of one submitted descriptor?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from engine.model.document import Json, Step


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
    unusable. `digest` is the SHA-256 of the canonical effective document (RFC 8785), as `sha256:…`; of it and the
    content of the files to which only its definitions refer, where there are any.
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
