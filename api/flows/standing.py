"""What does a container's present state answer to the wish to deploy a version (DESIGN §6)?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from catalog.deployable import Deployable, lower
from catalog.deployments import DeploymentBook
from engine.errors import ContainerOccupied, Downgrade
from engine.provision.events import Cause
from engine.provision.states import ContainerStatus, DeploymentAction, DeploymentState


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for, and why: `product` is an fqn or id of a line.

    `consent` agrees to whatever the plan takes away; `plan` is the digest of the only plan that is wanted.
    """

    product: str
    version: str
    environment: str
    rollback: bool = False
    consent: bool = False
    plan: str = ""
    cause: Cause = Cause.REQUEST


class Standing(StrEnum):
    """How the answer came about: a new deployment, the one that was running already, or what is live already."""

    STARTED = "started"
    RUNNING = "running"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class Requested:
    """The deployment that answers the wish; `LIVE` is 200, the others are 202."""

    deployment_id: str
    container_id: str
    standing: Standing


def standing(book: DeploymentBook, subject: Deployable, wish: Wish) -> Requested | None:
    """What the container's present state answers to the wish; None when a new deployment may begin.

    Raises ContainerOccupied and Downgrade.
    """
    held = book.holder(subject.slot(wish.environment))
    latest = book.latest(held["id"]) if held else None
    if held is None or latest is None:
        return None
    same = latest["version_id"] == subject.version_id and latest["digest"] == subject.digest
    deploys = latest["action"] == DeploymentAction.DEPLOY
    if DeploymentState(latest["state"]).running:
        if same and deploys and wish.plan in ("", latest["pinned"]):
            return Requested(latest["id"], held["id"], Standing.RUNNING)
        raise _occupied(held, latest, f"{latest['action']} of {latest['version']} is {latest['state']}")
    if held["status"] in (ContainerStatus.NEEDS_CLEANUP, ContainerStatus.DEPROVISIONING):
        raise _occupied(held, latest, f"the container is {held['status']}: {held['reason']}")
    if same and deploys and held["digest"] == subject.digest and _in_order(held, latest):
        return Requested(latest["id"], held["id"], Standing.LIVE)
    _not_lower(held, subject, wish)
    return None


def _in_order(held: Mapping[str, Any], latest: Mapping[str, Any]) -> bool:
    return bool(latest["state"] == DeploymentState.SUCCEEDED and held["in_sync"] and held["usable"])


def _occupied(held: Mapping[str, Any], latest: Mapping[str, Any], why: str) -> ContainerOccupied:
    holder = {
        "container": held["id"],
        "deployment": latest["id"],
        "version": latest["version"],
        "state": latest["state"],
    }
    return ContainerOccupied(f"{held['fqn']} in {held['environment']} is occupied: {why}.", holder=holder)


def _not_lower(held: Mapping[str, Any], subject: Deployable, wish: Wish) -> None:
    if held["version"] and not wish.rollback and lower(wish.version, held["version"]):
        raise Downgrade(
            f"{held['fqn']} {held['version']} is live in {held['environment']}, and {wish.version} is lower.",
            live=held["version"],
            asked=subject.identity.version,
        )
