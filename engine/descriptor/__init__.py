"""How does a submission become a descriptor, or a list of what is wrong with it (DESIGN §3)?"""

from engine.descriptor.ingestion import ingest
from engine.descriptor.limits import Limits
from engine.descriptor.submission import Directory, Files, Parts, ReferenceRefused, Submission

__all__ = ["Directory", "Files", "Limits", "Parts", "ReferenceRefused", "Submission", "ingest"]
