"""A durable engine that keeps nothing: a test carries out the turns where it wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.flows.carry_out import carry_out
from api.flows.deploying.waking import wake

if TYPE_CHECKING:
    from deploy_stage import Stage


class Inline:
    """Carries turns out where they are handed over: the durable engine without its durability."""

    def __init__(self) -> None:
        self.waiting: list[str] = []

    def enqueue(self, connection: object, deployment_id: str, *, turn: int = 1) -> None:
        self.waiting.append(deployment_id)

    def stop(self) -> None:
        """Nothing runs."""


def inline(stage: Stage) -> Inline:
    """Let this stage carry out its turns only where `work` says so."""
    stage.worker.stop()
    durable = Inline()
    stage.worker = durable  # type: ignore[assignment]
    return durable


def work(stage: Stage) -> int:
    """Carry out every turn that is due now, and what follows from it; answers how many."""
    durable, done = stage.worker, 0
    assert isinstance(durable, Inline)
    while durable.waiting or wake(stage.database, durable):  # type: ignore[arg-type]
        carry_out(durable.waiting.pop(0), lambda name, action: action(), site=stage.site)
        done += 1
        assert done < 1000, "a deployment never ends"
    return done
