"""What is a descriptor of which only the content is at hand, and not the files that it was read from?"""

from __future__ import annotations

from engine.model import Descriptor, Identity, Json, Place

NOWHERE = Place(file="")


def of_content(file: str, effective: dict[str, Json], identity: Identity | None, digest: str | None) -> Descriptor:
    """The descriptor with this effective content; findings in it stand nowhere, and nothing is wrong with its files."""
    return Descriptor(
        file=file,
        parts=(),
        effective=effective,
        identity=identity,
        digest=digest,
        problems=(),
        locate=lambda _: NOWHERE,
    )
