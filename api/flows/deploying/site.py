"""What do the steps of a deployment work with?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from api.flows.deploying.bench import Bench
from api.flows.deploying.calling_back import CallingBack
from catalog.builds import Builds
from catalog.database import Database
from catalog.deployments import DeploymentBook
from catalog.turns import Turns
from engine.errors import GovernanceError, PlanInvalid
from engine.model import Json, Principal
from engine.provision.bindings import Surroundings
from engine.provision.checked import CheckedAdapter
from engine.provision.contract import failed
from engine.provision.pace import UNHURRIED, Pace
from engine.provision.registry import Registry
from engine.provision.states import DeploymentState

WORKER = Principal("meshgate.worker", frozenset({"operator"}))
"""Who writes what a worker did; who asked for it stands in the deployment."""


DEADLINE = 3600.0


class Ended(Exception):
    """The deployment has ended already, so a step that comes late changes nothing."""


@dataclass(frozen=True, slots=True)
class Site:
    """The collaborators of every step; none of them is called while a transaction is open, except the catalog."""

    database: Database
    registry: Registry
    environments: Mapping[str, Surroundings]
    bench: Callable[[], Bench]
    pace: Pace = UNHURRIED
    calling_back: CallingBack | None = None

    @property
    def turns(self) -> Turns:
        """When deployments are worked on."""
        return Turns(self.database)

    @property
    def builds(self) -> Builds:
        """What was built of versions."""
        return Builds(self.database)

    def environment(self, name: str) -> Surroundings:
        if name not in self.environments:
            raise PlanInvalid(f"the environment {name} is not configured any more")
        return self.environments[name]

    def deadline(self, deployment: Mapping[str, Any]) -> float:
        """Seconds that a deployment may take; of an environment that is not configured any more, those of a default."""
        found = self.environments.get(deployment["environment"])
        return DEADLINE if found is None else found.deadline_seconds

    def not_late(self, deployment_id: str) -> None:
        """Raises ProvisioningFailed once the deployment, or its way back, has used up its time."""
        if self.turns.of(deployment_id).seconds_left <= 0:
            raise failed("TIMEOUT", "the deployment took longer than its environment allows")

    def adapter(self, name: str, request: Mapping[str, Json]) -> CheckedAdapter:
        """The adapter that this resource was, or is to be, made with; stored requests hold references to secrets."""
        return self.registry.adapter(name, request["config"], request.get("secrets"))

    @contextmanager
    def writing(self) -> Iterator[DeploymentBook]:
        """A short unit of work with the head locked, committed at its end."""
        with self.database.work(WORKER) as work:
            work.head()
            yield DeploymentBook(work)
            work.commit()

    @contextmanager
    def running(self, deployment_id: str) -> Iterator[tuple[DeploymentBook, dict[str, Any]]]:
        """`writing` with the deployment, which still runs; raises Ended."""
        with self.writing() as book:
            deployment = book.deployment(deployment_id)
            if deployment is None or not DeploymentState(deployment["state"]).running:
                raise Ended(deployment_id)
            yield book, deployment


def wait(seconds: float, waits_for: str, reason: str, **details: Json) -> dict[str, Json]:
    """The answer of a step that has to wait: the turn ends, and the next one comes after so many seconds.

    `details` say which `resource` blocks, its `error_class`, and how far its adapter is (`percent`, `message`).
    """
    return {"wait": {"seconds": seconds, "for": waits_for, "reason": reason, "details": details}}


def fault_of(error: Exception) -> dict[str, str]:
    """What went wrong, as a step remembers it: `{reason, class}`."""
    if isinstance(error, GovernanceError):
        return {"reason": error.detail, "class": str(error.context.get("error_class") or error.code)}
    return {"reason": f"{type(error).__name__}: {error}", "class": "INTERNAL"}
