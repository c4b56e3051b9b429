"""What did an accepted version say, as something that can be decided again?"""

from __future__ import annotations

from dataclasses import replace

from catalog.deployable import Deployable
from engine.descriptor import Parts, Submission, ingest
from engine.model import Descriptor


def descriptor(stored: Deployable) -> Descriptor:
    """The stored content, whatever today's reader would make of the submitted bytes, with positions in them."""
    parts = Parts({part.path: part.content for part in stored.parts})
    read = ingest(Submission(stored.root, parts), namespace=stored.identity.namespace)
    return replace(read, effective=stored.effective, identity=stored.identity, digest=stored.digest)
