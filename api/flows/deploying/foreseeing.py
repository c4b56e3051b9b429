"""What would be done to a container, as far as the catalog can know without asking any adapter?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.deployable import Deployable
from catalog.deployments import DeploymentBook
from catalog.resource_book import present
from engine.model import Json
from engine.provision.bindings import Surroundings
from engine.provision.building import builds_in
from engine.provision.plan import Plan, Target, plan

UNOPENED = "00000000-0000-0000-0000-000000000000"
"""The id of a container before its first deployment is asked for; no digest of a plan covers it."""


@dataclass(frozen=True, slots=True)
class KnownResource:
    """A stored resource as the plan wants to see it (`engine.provision.plan.Known`)."""

    adapter: str
    state: str
    specification: str
    fingerprint: str
    request: Mapping[str, Json]


def known(resources: Sequence[Mapping[str, Any]]) -> dict[str, KnownResource]:
    """The stored resources by id."""
    columns = ("adapter", "state", "specification", "fingerprint", "request")
    return {one["resource_id"]: KnownResource(*(one[name] for name in columns)) for one in resources}


def target(
    book: DeploymentBook, subject: Deployable, environment: str, environments: Mapping[str, Surroundings]
) -> Target:
    """The container that a deployment asked for now would bring to this version."""
    slot = subject.slot(environment)
    held = book.holder(slot)
    return Target(
        held["id"] if held else UNOPENED,
        book.next_generation(slot, held),
        subject.identity,
        environments[environment],
        digest=subject.digest,
        builds_in=builds_in(environments.values()),
        built=frozenset(book.builds.done(subject.digest)),
    )


def resources_of(book: DeploymentBook, target: Target) -> list[Mapping[str, Any]]:
    """What is, or may be, there of it."""
    return present(book.resources(target.container_id))


def foreseen(
    book: DeploymentBook, subject: Deployable, environment: str, environments: Mapping[str, Surroundings]
) -> Plan:
    """The plan where everything known is there as it was made. Raises PlanInvalid."""
    aim = target(book, subject, environment, environments)
    there = resources_of(book, aim)
    seen = {one["resource_id"]: {"state": "present", "fingerprint": one["fingerprint"]} for one in there}
    return plan(subject.effective, aim, known=known(there), seen=seen)
