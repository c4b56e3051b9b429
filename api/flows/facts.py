"""What is known besides the descriptor when a decision is made?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from engine.model import Descriptor, Event, Facts, Part

if TYPE_CHECKING:
    from sqlalchemy import Connection


def local(*, event: Event, environment: str | None, now: datetime) -> Facts:
    """The facts where no catalog is at hand: nothing of the mesh."""
    return Facts(event=event, now=now, environment=environment)


def known_on(
    connection: Connection, descriptor: Descriptor, *, event: Event, environment: str | None, now: datetime
) -> Facts:
    """The facts that the catalog holds at this moment, with the revision at which they were read.

    The connection may be that of a unit of work that holds the head. Otherwise what changes while they are read makes
    them look older than they are, never newer, so a later comparison of the revision errs towards looking again.
    """
    from catalog.history import previous_on, previous_parts_on
    from catalog.mesh import surroundings_on
    from engine.descriptor.contracts.elsewhere import any_leads_elsewhere

    neighbours, accepted_at = surroundings_on(connection, descriptor)
    identity = descriptor.identity
    previous, parts = None, tuple[Part, ...]()
    if identity is not None:
        named = (identity.namespace, identity.name, identity.version)
        previous = previous_on(connection, *named)
        if previous is not None and any_leads_elsewhere(previous):
            parts = previous_parts_on(connection, *named)
    return Facts(
        event=event,
        now=now,
        environment=environment,
        previous=previous,
        previous_parts=parts,
        mesh=neighbours,
        catalog_revision=neighbours["revision"],
        authoritative=True,
        accepted_at=accepted_at,
    )
