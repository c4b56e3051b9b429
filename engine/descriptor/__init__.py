"""How does a submission become a descriptor, or a list of what is wrong with it (DESIGN §3)?"""

from engine.descriptor.ingestion import ingest
from engine.descriptor.limits import Limits
from engine.descriptor.submission import (
    Directory,
    Files,
    LeftToOthers,
    NotFetched,
    Parts,
    ReferenceRefused,
    Remote,
    Submission,
)

__all__ = [
    "Directory",
    "Files",
    "LeftToOthers",
    "Limits",
    "NotFetched",
    "Parts",
    "ReferenceRefused",
    "Remote",
    "Submission",
    "ingest",
]
