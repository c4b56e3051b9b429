"""What must a durable engine do for meshgate, in words of deployments only?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.model import Json

Action = Callable[[], Json]

Step = Callable[[str, Action], Json]
"""Carries out one named action and remembers its JSON answer: after a crash, finished steps are not repeated."""

Script = Callable[[str, Step], None]
"""One turn of a deployment, given its id: the same steps in the same order for the same remembered answers.

A turn that has to wait ends; somebody hands over the next one."""


@dataclass(frozen=True, slots=True)
class Worker:
    """One living worker: its id, the application version it carries out, and the seconds since it last said so."""

    id: str
    version: str
    silent_seconds: float


@dataclass(frozen=True, slots=True)
class Backlog:
    """The turns that were handed over and have not ended.

    `unclaimed` are the ages, in seconds, of those that no worker took; `orphaned` are the seconds for which those of
    dead workers have been without one; `carried` is how many are being carried out. `turns` names all of them, by
    deployment and number.
    """

    unclaimed: Sequence[float]
    orphaned: Sequence[float]
    carried: int
    turns: Sequence[tuple[str, int]]
    workers: Sequence[Worker]


class Durable(Protocol):
    """A durable engine: what was enqueued is carried out to its end, whichever process dies on the way."""

    def prepare(self) -> None:
        """Make or migrate the engine's own tables; not inside a unit of work (SQLite has one writer)."""

    def enqueue(self, connection: object, deployment_id: str, *, turn: int = 1) -> None:
        """Hand over a turn of a deployment inside the caller's transaction: both commit or neither does.

        The same turn is carried out once, however often it is handed over.
        """

    def start(self) -> None:
        """Begin to carry out deployments in threads of this process."""

    def stop(self) -> None:
        """Stop at the next step border and leave no thread; what is unfinished waits for the next worker."""

    def rescue(self) -> int:
        """Take over the deployments of dead workers, also of other versions; answers how many."""

    def backlog(self) -> Backlog:
        """What was handed over and has not ended, and who is there to do it. Raises CatalogUnavailable."""

    def oldest_waiting(self) -> float | None:
        """For how many seconds the oldest unclaimed or orphaned deployment has been waiting; None if none is."""
