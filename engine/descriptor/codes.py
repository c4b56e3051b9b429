"""Which problems can reading, references, schema and semantic rules report, and what does each mean?

The numbers and names are stable: DP1xx source, DP2xx references, DP3xx schema, DP4xx semantics; from x51 on they are
warnings. `meshgate explain DP101` prints one, docs/reference/problems.md lists all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from engine.descriptor.codes_reading import REFERENCES, SOURCE
from engine.descriptor.codes_rules import SCHEMA, SEMANTICS
from engine.model import Layer, ProblemSeverity


@dataclass(frozen=True, slots=True)
class ProblemCode:
    """One kind of problem, for the report (`title`) and for the page of `meshgate explain` (`explanation`)."""

    code: str
    name: str
    layer: Layer
    severity: ProblemSeverity
    title: str
    explanation: str


_LAYERS = {"1": Layer.SOURCE, "2": Layer.REFERENCES, "3": Layer.SCHEMA, "4": Layer.SEMANTICS}


def layer_of(code: str) -> Layer:
    """The step that reports this code, also where only another version of meshgate knows it."""
    return _LAYERS[code[2]]


def _row(code: str, name: str, title: str, explanation: str) -> ProblemCode:
    severity = ProblemSeverity.WARNING if int(code[3:]) > 50 else ProblemSeverity.ERROR
    return ProblemCode(code, name, layer_of(code), severity, title, explanation)


CODES: Mapping[str, ProblemCode] = MappingProxyType(
    {row[0]: _row(*row) for row in (*SOURCE, *REFERENCES, *SCHEMA, *SEMANTICS)}
)
"""Every code that ingestion can report, in order."""
