"""Which turns has nobody, and what has to be done about each of them?

A turn is lost when the lease of its worker ran out. One of a version that a living worker carries out goes back on the
queue, where it continues after its last step. One of a version that nobody alive carries out, also when it was never
claimed, is given up, and its deployment gets a new turn of our own version: each turn looks before it acts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from api.worker.lease import Lease
from engine.provision.durable import Backlog, Worker


class Found(Protocol):
    """A workflow of the durable engine that has not ended; its moments are milliseconds since 1970."""

    @property
    def workflow_id(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def executor_id(self) -> str | None: ...
    @property
    def app_version(self) -> str | None: ...
    @property
    def created_at(self) -> int | None: ...
    @property
    def updated_at(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Turns:
    """The turns that have not ended, by who has them; `again` and `anew` are what a rescuer does something about."""

    unclaimed: Sequence[Found]
    orphaned: Sequence[Found]
    carried: Sequence[Found]
    again: Sequence[Found]
    anew: Sequence[Found]


def sorted_out(found: Sequence[Found], leases: Sequence[Lease], *, version: str) -> Turns:
    """Which of these turns are lost, where these workers are alive or dead and we are of this version.

    A living worker that does not tell its version may be of any: while it lives, no version counts as left alone.
    """
    alive = {one.executor_id for one in leases if one.alive}
    versions = {version} | {one.version for one in leases if one.alive}
    unclaimed = [one for one in found if one.status == "ENQUEUED"]
    orphaned = [one for one in found if one.status == "PENDING" and one.executor_id not in alive]
    carried = [one for one in found if one.status == "PENDING" and one.executor_id in alive]
    foreign = [one for one in (*unclaimed, *orphaned) if not versions & {one.app_version, ""}]
    return Turns(unclaimed, orphaned, carried, [one for one in orphaned if one not in foreign], foreign)


def named(workflow_id: str) -> tuple[str, int]:
    """Deployment and number of a turn; before there were turns, a workflow bore the name of its deployment."""
    deployment_id, _, turn = workflow_id.partition(":")
    return deployment_id, int(turn or 1)


def backlog(turns: Turns, leases: Sequence[Lease], now: float) -> Backlog:
    """The same as ages at this moment, in seconds since 1970."""
    ended = {one.executor_id: one.expires_at for one in leases}
    return Backlog(
        unclaimed=[max(0.0, now - _since(one)) for one in turns.unclaimed],
        orphaned=[max(0.0, now - max(_since(one), ended.get(one.executor_id or "", 0.0))) for one in turns.orphaned],
        carried=len(turns.carried),
        turns=[named(one.workflow_id) for one in (*turns.unclaimed, *turns.orphaned, *turns.carried)],
        workers=[Worker(one.executor_id, one.version, one.silent_seconds) for one in leases if one.alive],
    )


def _since(one: Found) -> float:
    """When it was handed over, claimed or put back, whichever came last."""
    return (one.updated_at or one.created_at or 0) / 1000
