"""Which values travel along the road from bytes to a decision?

Every value is frozen: a room makes new ones, it never changes what another room made. Words are those of
docs/reference/glossary.md.
"""

from engine.model.change import Change, ChangeLevel
from engine.model.contract import Column, ColumnSource, Direction, PortSchema
from engine.model.decision import Decision, Disposition, JudgedFinding, Outcome, PolicyRun, PolicyState, Principal
from engine.model.descriptor import (
    Descriptor,
    Identity,
    Layer,
    Locate,
    Part,
    Place,
    Port,
    Problem,
    ProblemSeverity,
    Reading,
    SourceKind,
)
from engine.model.document import Json, Path, Step, pointer
from engine.model.policy import (
    Answer,
    Bundle,
    Enforcement,
    Event,
    Facts,
    Finding,
    FindingCode,
    InputShape,
    Policy,
    PolicyFailure,
    Severity,
)

__all__ = [
    "Answer",
    "Bundle",
    "Change",
    "ChangeLevel",
    "Column",
    "ColumnSource",
    "Decision",
    "Descriptor",
    "Direction",
    "Disposition",
    "Enforcement",
    "Event",
    "Facts",
    "Finding",
    "FindingCode",
    "Identity",
    "InputShape",
    "Json",
    "JudgedFinding",
    "Layer",
    "Locate",
    "Outcome",
    "Part",
    "Path",
    "Place",
    "Policy",
    "PolicyFailure",
    "PolicyRun",
    "PolicyState",
    "Port",
    "PortSchema",
    "Principal",
    "Problem",
    "ProblemSeverity",
    "Reading",
    "Severity",
    "SourceKind",
    "Step",
    "pointer",
]
