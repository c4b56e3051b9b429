"""May a deployment go on now, or is as much at work already as its environment or an adapter bears?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.flows.deploying.site import Site, wait
from catalog.deployments import DeploymentBook
from catalog.slots import Limit
from engine.model import Json
from engine.provision.bindings import concurrency_of
from engine.provision.states import DeploymentState

Stored = Mapping[str, Any]


def in_environment(book: DeploymentBook, deployment: Stored, site: Site) -> dict[str, Json] | None:
    """The answer of a step that has to wait for a place in the environment; None where it may go on.

    One that is cancelled before it touched anything needs none: nothing is left to be done in the world.
    """
    environment = site.environments.get(deployment["environment"])
    if environment is None or environment.concurrency is None:
        return None
    if deployment["state"] == DeploymentState.CANCELLING and not _touched(book, deployment):
        return None
    where = f"deployments to {environment.name}"
    return _asked(book, deployment, Limit(environment.name, environment.concurrency), where, site)


def of_adapter(
    book: DeploymentBook, deployment: Stored, action: Mapping[str, Json], site: Site
) -> dict[str, Json] | None:
    """The same for one action, which needs a place at its adapter until the adapter is done."""
    limit = adapter_limit(deployment, action, site)
    if limit is None:
        return None
    where = f"deployments with {action['adapter']} in {deployment['environment']}"
    return _asked(book, deployment, limit, where, site)


def adapter_limit(deployment: Stored, action: Mapping[str, Json], site: Site) -> Limit | None:
    """How many may use at once what this action uses; None where nobody says."""
    environment = site.environments.get(deployment["environment"])
    if environment is None:
        return None
    most = concurrency_of(environment, action["adapter"])
    return None if most is None else Limit(f"{environment.name}/{action['adapter']}", most)


def _asked(book: DeploymentBook, deployment: Stored, limit: Limit, where: str, site: Site) -> dict[str, Json] | None:
    full = book.place(deployment["id"], limit)
    if full is None:
        return None
    said = f"at most {limit.most} {where} are at work at once"
    said += f", now {', '.join(full.holders)}" if full.holders else ""
    said += f"; {full.before} wait in front" if full.before else ""
    return wait(site.pace.most, "slot", said)


def _touched(book: DeploymentBook, deployment: Stored) -> bool:
    return any(one["deployment_id"] == deployment["id"] for one in book.resources(deployment["container_id"]))
