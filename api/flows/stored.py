"""What did an accepted version say, as something that can be decided again?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from catalog.deployable import Deployable
from engine.descriptor import Parts, Submission, ingest
from engine.model import Descriptor, Identity, Json, Part


def descriptor(stored: Deployable) -> Descriptor:
    """The stored content, whatever today's reader would make of the submitted bytes, with positions in them."""
    content = (stored.effective, stored.identity, stored.digest)
    return of_parts(stored.root, stored.parts, *content)


def of_parts(
    root: str, parts: Iterable[Part], effective: dict[str, Json], identity: Identity, digest: str
) -> Descriptor:
    """As `descriptor`, of a version whose files, the root among them, and content are at hand."""
    files = Parts({part.path: part.content for part in parts})
    read = ingest(Submission(root, files), namespace=identity.namespace)
    return replace(read, effective=effective, identity=identity, digest=digest)
