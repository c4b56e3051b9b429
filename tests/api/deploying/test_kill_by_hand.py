"""Is access given, and a thing adopted, once and as a whole, wherever the process is killed that does it?"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import dying_hand
import pytest
from deploy_stage import DEPLOYER, Stage, document
from dying_hand import OLGA
from granting_mesh import Gate, Mesh, let_claims_run_out

from api.flows.adopt import Adoption, adopt
from catalog.changes import Changes
from engine.errors import AdoptionRefused
from engine.policy.environments import Binding

ROOT = Path(dying_hand.__file__).resolve().parent.parent
COMMITS = 2
"""Transactions that either of them writes: what is to be done, and that it is done."""
CALLS = ["before call", "after call"]
FEW = ["after call", "after commit 1", "after commit 2"]
"""What is met at each run; all the others in the long one."""
POINTS = [*CALLS, *(f"{when} commit {number}" for number in range(1, COMMITS + 1) for when in ("before", "after"))]
AT = [pytest.param(one, marks=() if one in FEW else pytest.mark.long) for one in POINTS]


def carried_out(url: str, stage: Stage, point: str, *adopts: str) -> subprocess.CompletedProcess[str]:
    """A process of its own that goes as far as this point."""
    command = [sys.executable, dying_hand.__file__, url, str(stage.folder), point, *adopts]
    paths = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    return subprocess.run(command, env=os.environ | paths, capture_output=True, text=True, timeout=120, check=False)


def killed(url: str, stage: Stage, point: str, *adopts: str) -> None:
    ended = carried_out(url, stage, point, *adopts)
    assert ended.returncode == -signal.SIGKILL, ended.stdout + ended.stderr[-2000:]


@pytest.fixture
def mesh(staged: Callable[..., Stage], gate: Gate) -> Mesh:
    stage = staged(adapters={"gate": lambda config: gate}, bindings=(Binding("gate"),))
    stage.accept(document())
    return Mesh(stage, gate)


@pytest.fixture
def container(mesh: Mesh) -> str:
    with mesh.stage.working():
        return mesh.deploy()


@pytest.mark.parametrize("point", AT)
def test_access_that_was_being_given_is_given(
    store_url: str, mesh: Mesh, gate: Gate, container: str, point: str
) -> None:
    mesh.grant()
    killed(store_url, mesh.stage, point)
    let_claims_run_out(mesh)
    mesh.settle()
    assert (mesh.readers(container), mesh.effects()) == (["user:ana"], {"user:ana": ("in_effect", "")})
    assert mesh.told("access.applied", "access.failed") == [("access.applied", ["user:ana"])]
    port = mesh.port(container)
    assert port["fingerprint"] == gate.observe(port["request"])["fingerprint"], "it is no drift"
    assert gate.calls == [(1, ["user:ana"])], "who comes after the dead asks for the same set, once"


@pytest.mark.parametrize("point", AT)
def test_access_that_was_being_taken_away_is_taken_away(store_url: str, mesh: Mesh, container: str, point: str) -> None:
    ana = mesh.grant()
    mesh.settle()
    mesh.step("revoke", ana)
    killed(store_url, mesh.stage, point)
    let_claims_run_out(mesh)
    mesh.settle()
    assert (mesh.readers(container), mesh.effects()["user:ana"][0]) == ([], "none")
    assert mesh.told("access.applied") == [("access.applied", ["user:ana"]), ("access.applied", [])]


def without_port(mesh: Mesh, container: str) -> tuple[str, Path]:
    """The id of a resource that is gone, and where its data is; something else stands ready to be adopted."""
    port = mesh.port(container)
    place = Path(port["outputs"]["data"])
    shutil.rmtree(port["outputs"]["directory"])
    legacy = mesh.stage.folder / "legacy" / "orders"
    legacy.mkdir(parents=True)
    (legacy / "rows.csv").write_text("id\n1\n")
    return port["resource_id"], place


@pytest.mark.parametrize("point", AT)
def test_what_was_being_adopted_is_adopted_when_it_is_asked_again(
    store_url: str, mesh: Mesh, container: str, point: str
) -> None:
    resource, data = without_port(mesh, container)
    killed(store_url, mesh.stage, point, container, resource)
    again = Adoption(container, resource, "legacy/orders")
    if point == f"after commit {COMMITS}":
        with pytest.raises(AdoptionRefused, match="is there already"):
            adopt(again, principal=OLGA, site=mesh.stage.site)
    else:
        adopt(again, principal=OLGA, site=mesh.stage.site)
    assert (data / "rows.csv").read_text() == "id\n1\n"
    held = mesh.stage.container(container)
    assert {one["state"] for one in held["resources"]} == {"ready"}
    assert (held["status"], held["usable"], held["in_sync"]) == ("active", True, True)
    every = Changes(mesh.stage.database).after(principal=DEPLOYER, limit=1000)
    assert [one.payload["external"] for one in every if one.kind == "resource.adopted"] == ["legacy/orders"]


def test_those_are_all_the_moments_that_there_are(store_url: str, mesh: Mesh, container: str) -> None:
    mesh.grant()
    assert carried_out(store_url, mesh.stage, "never").stdout == f"{COMMITS}\n"
    resource, _ = without_port(mesh, container)
    assert carried_out(store_url, mesh.stage, "never", container, resource).stdout == f"{COMMITS}\n"
