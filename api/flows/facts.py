"""What is known besides the descriptor when a decision is made?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from engine.model import Descriptor, Event, Facts, Json

if TYPE_CHECKING:
    from catalog.database import Database


def local(*, event: Event, environment: str | None, now: datetime, previous: Mapping[str, Json] | None = None) -> Facts:
    """The facts where no catalog is at hand: nothing of the mesh."""
    return Facts(event=event, now=now, environment=environment, previous=previous)


def known(descriptor: Descriptor, *, database: Database, event: Event, environment: str | None, now: datetime) -> Facts:
    """The facts that the catalog holds at this moment, with the revision at which they were read.

    The revision comes first: what changes while the rest is read makes the facts look older than they are, so a later
    comparison errs towards deciding again.
    """
    import catalog
    from catalog import mesh

    neighbours = mesh.facts(database, descriptor)
    identity = descriptor.identity
    previous = None
    if identity is not None:
        previous = catalog.previous(database, identity.namespace, identity.name, identity.version)
    return Facts(
        event=event,
        now=now,
        environment=environment,
        previous=previous,
        mesh=neighbours,
        catalog_revision=neighbours["revision"],
        authoritative=True,
    )
