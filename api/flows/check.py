"""What would be decided about this submission? Nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from api.auth.permissions import LOCAL, Action, require
from api.flows.facts import known_on, local
from engine.decide import decide
from engine.descriptor import Submission, ingest
from engine.descriptor.identity import parse_fqn
from engine.descriptor.problems import problem
from engine.errors import NotFound
from engine.model import Decision, Descriptor, Event, Json, Part, Principal

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.wiring import House


def check(
    submission: Submission,
    *,
    house: House,
    principal: Principal = LOCAL,
    event: Event = Event.SUBMIT,
    environment: str | None = None,
    previous: Mapping[str, Json] | None = None,
    previous_parts: tuple[Part, ...] = (),
    catalog: bool = False,
    as_of: datetime | None = None,
) -> tuple[Descriptor, Decision]:
    """The descriptor and the decision about it, unreadable and rejected ones included.

    With `catalog` (a server) the mesh and the previous version are read from there and the verdict is that of a
    submission; without, nothing but the descriptor and `previous` (with its files, the root first) is known, and the
    decision may be provisional. A `previous` of another product is left alone, so that one may be given for many
    documents. `as_of` asks for the verdict of another moment than now, as dates and waivers make it; what the catalog
    holds is what it holds now.
    Raises NotFound for an unknown environment, Forbidden, PolicyEngineUnavailable, BundleInvalid, GovernanceInvalid.
    """
    require(principal, Action.CHECK)
    if environment is not None and environment not in house.environments:
        raise NotFound(f"There is no environment `{environment}`; there are {', '.join(house.environments)}.")
    descriptor = ingest(replace(submission, remote=house.remote()), namespace=house.settings.namespace)
    now = as_of or house.clock()
    if catalog:
        with house.database.reading() as connection:
            facts = known_on(connection, descriptor, event=event, environment=environment, now=now)
            rules = house.rules_on(connection, revision=facts.catalog_revision)
            descriptor = _in_the_catalog(descriptor, event, connection)
    else:
        facts, rules = local(event=event, environment=environment, now=now), house.rules
        if _is_of(descriptor, previous):
            facts = replace(facts, previous=previous, previous_parts=previous_parts)
    return descriptor, decide(
        descriptor, facts=facts, bundle=rules.bundle, governance=rules.governance, engine=house.engine
    )


def _in_the_catalog(descriptor: Descriptor, event: Event, connection: Connection) -> Descriptor:
    """The descriptor, with a problem where its submission would be a version conflict."""
    identity, digest = descriptor.identity, descriptor.digest
    if event is not Event.SUBMIT or identity is None or digest is None:
        return descriptor
    from catalog.taken import taken

    version = taken(connection, identity, digest)
    if version is None:
        return descriptor
    path = ("info", "version")
    msg = f"{identity.fqn} {version} was accepted before with other content"
    found = problem(
        "DP411", msg, path, descriptor.locate(path), "raise info.version; an accepted version never changes"
    )
    return replace(descriptor, problems=(*descriptor.problems, found))


def _is_of(descriptor: Descriptor, previous: Mapping[str, Json] | None) -> bool:
    """Whether the previous version is one of the same product."""
    identity, info = descriptor.identity, (previous or {}).get("info")
    named = parse_fqn(info.get("fullyQualifiedName")) if isinstance(info, dict) else None
    if identity is None or named is None:
        return False
    return (named.namespace, named.name) == (identity.namespace, identity.name)
