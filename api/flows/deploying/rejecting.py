"""What becomes of a deployment that is not to be carried out, before anything was touched?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from catalog import turns
from catalog.deployments import DeploymentBook
from engine.model import Json
from engine.provision.outcome import status_after
from engine.provision.states import DeploymentAction, DeploymentState

ENDED: dict[str, Json] = {"ended": True}
"""The answer of a step after which no other follows."""


def rejected(
    book: DeploymentBook, deployment: Mapping[str, Any], reasons: Sequence[Mapping[str, Json]], *, code: str
) -> dict[str, Json]:
    """End it as `rejected`; its container is as it was before, and one that never lived gives its slot back.

    `code` says who or what rejected it: `not-cleared`, `plan-moved`, `approval-refused`, `approval-expired`.
    """
    why = "; ".join(str(one["msg"]) for one in reasons)
    book.change_deployment(deployment["id"], state=DeploymentState.REJECTED, reason=why, error_class=code, asks="")
    before = book.container(deployment["container_id"]) or {}
    live, action = bool(before["version"]), DeploymentAction(deployment["action"])
    facts = {"usable": before["usable"], "in_sync": before["in_sync"]}
    status = status_after(action, DeploymentState.REJECTED, live=live, **facts)
    held = book.change_container(before["id"], status=status, reason="" if live else why)
    told = {"deployment": deployment["id"], "version": deployment["version"], "reason": why, "error_class": code}
    book.tell("deployment.rejected", held, **told, reasons=[dict(one) for one in reasons])
    if not live:
        book.tell(f"container.{status}", held, **told)
    turns.end(book.work.connection, deployment["id"])
    return ENDED
