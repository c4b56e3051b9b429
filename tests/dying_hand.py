"""A process that gives access, or adopts, and kills itself: `URL FOLDER POINT`, and for an adoption CONTAINER RESOURCE.

A POINT is `before call`, `after call` (of the adapter), `before commit N`, `after commit N` (of a transaction that it
writes), or `never`: then it prints how many it committed.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from deploy_stage import Stage
from granting_mesh import Gate, Mesh

from api.flows.adopt import Adoption, adopt
from catalog.work import UnitOfWork
from engine.model import Principal
from engine.policy.environments import Binding

OLGA = Principal("olga", frozenset({"operator"}))


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Dying(Gate):
    """An adapter that lets in and adopts, and whose caller dies before or after that."""

    point = ""

    def set_access(self, ref: dict[str, Any], grants: list[dict[str, Any]]) -> dict[str, Any]:
        return self._around(lambda: super(Dying, self).set_access(ref, grants))

    def adopt(self, request: dict[str, Any], external: str) -> dict[str, Any]:
        return self._around(lambda: super(Dying, self).adopt(request, external))

    def _around(self, call: Any) -> dict[str, Any]:
        if self.point == "before call":
            die()
        told: dict[str, Any] = call()
        if self.point == "after call":
            die()
        return told


class Counted:
    """The commits of this process, of which it may not survive one."""

    def __init__(self, point: str) -> None:
        self.point, self.count, self._commit = point, 0, UnitOfWork.commit

    def commit(self, work: UnitOfWork) -> None:
        self.count += 1
        if self.point == f"before commit {self.count}":
            die()
        self._commit(work)
        if self.point == f"after commit {self.count}":
            die()


def a_stage(url: str, folder: Path, gate: Gate) -> Stage:
    return Stage(url, folder, adapters={"gate": lambda config: gate}, bindings=(Binding("gate"),))


if __name__ == "__main__":
    where, place, point, *adopts = sys.argv[1:]
    gate = Dying({"directory": place})
    gate.point, counted = point, Counted(point)
    mesh = Mesh(a_stage(where, Path(place), gate), gate)
    UnitOfWork.commit = lambda work: counted.commit(work)  # type: ignore[method-assign,assignment]
    if adopts:
        adopt(Adoption(*adopts, "legacy/orders"), principal=OLGA, site=mesh.stage.site)
    else:
        mesh.settle()
    print(counted.count)
