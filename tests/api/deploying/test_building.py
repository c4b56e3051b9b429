"""Is a version built once, before it goes anywhere, and are its artifacts the same wherever it goes?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import builder as builders
import pytest
from builder import BUILDING, MAKING, Builder, building
from deploy_stage import DEPLOYER, Stage, wait_for

from catalog.deployable import deployable
from engine.policy.environments import Binding, Environment

LINE = "urn:dpds:org.example:dataproducts:orders:1"
ROOT = Path(builders.__file__).resolve().parent.parent


@pytest.fixture
def builder(tmp_path: Path) -> Builder:
    return Builder({"directory": str(tmp_path / "containers")})


@pytest.fixture
def mesh(staged: Callable[..., Stage], builder: Builder) -> Stage:
    """Three environments, of which the first builds; version 1.0.0 is accepted."""
    stage = builders.staged(staged, builder)
    names = ("dev", "qa", "prod")
    for order, name in enumerate(names, 1):
        bindings = (MAKING, BUILDING) if name == "dev" else (MAKING,)
        stage.environments[name] = Environment(name, order, bindings)
    told = building()
    stage.accept({**told, "info": {**told["info"], "description": "for prod"}})
    return stage


def artifacts(stage: Stage, version: str = "1.0.0") -> list[tuple[str, str]]:
    version_id = deployable(stage.database, LINE, version, principal=DEPLOYER).version_id
    found = stage.site.builds.of_versions([version_id], principal=DEPLOYER)
    return [(one.name, one.digest) for one in found.get(version_id, ())]


def test_promotion_deploys_the_same_digest_and_the_same_artifacts_and_builds_once(
    mesh: Stage, builder: Builder
) -> None:
    with mesh.working():
        ends = [mesh.ended(mesh.ask(environment=where).deployment_id) for where in ("dev", "qa", "prod")]
    assert [(one["state"], one["reason"]) for one in ends] == [("succeeded", "")] * 3
    assert len({one["digest"] for one in ends}) == 1
    assert builder.count() == ["pack of 1.0.0"]
    given = dict(builder.given)
    assert set(given) == {f"{name} {where}" for name in ("store", "fill", "placed") for where in ("dev", "qa", "prod")}
    assert [(one["name"], one["digest"]) for one in given["fill prod"]] == artifacts(mesh)
    assert all(told == given["fill prod"] for told in given.values())
    assert [len(one["plan"].get("builds", [])) for one in ends] == [1, 0, 0]


def test_two_first_deployments_at_once_build_once_and_the_one_that_waits_holds_no_worker(
    mesh: Stage, builder: Builder
) -> None:
    builder.halt = threading.Event()
    with mesh.working():
        first = mesh.ask(environment="dev").deployment_id
        assert builder.asked.wait(30)
        second = mesh.ask(environment="qa").deployment_id
        waiting = wait_for(lambda: mesh.deployment(second)["waiting"], "the second to wait")
        assert (waiting["for"], waiting["reason"]) == ("build", f"the deployment {first} builds this version")
        builder.halt.set()
        assert [mesh.ended(one)["state"] for one in (first, second)] == ["succeeded", "succeeded"]
    assert builder.count() == ["pack of 1.0.0"]


def test_what_fails_to_build_fails_the_deployment_and_records_nothing_and_the_next_one_builds(
    mesh: Stage, builder: Builder
) -> None:
    builder.failures = ["INVALID"]
    with mesh.working():
        failed = mesh.ended(mesh.ask().deployment_id)
        assert (failed["state"], failed["error_class"]) == ("failed_clean", "INVALID")
        assert (artifacts(mesh), builder.given) == ([], [])
        assert mesh.container(failed["container_id"])["status"] == "released"
        assert mesh.ended(mesh.ask().deployment_id)["state"] == "succeeded"
    assert builder.count() == ["pack of 1.0.0"]


def test_what_may_pass_is_tried_again_and_what_takes_long_is_asked_for(mesh: Stage, builder: Builder) -> None:
    builder.failures, builder.pending = ["TRANSIENT"], 3
    with mesh.working():
        ended = mesh.ended(mesh.ask().deployment_id)
    assert (ended["state"], builder.count(), builder.pending) == ("succeeded", ["pack of 1.0.0"], 0)


def test_the_budget_of_tries_holds_for_builds(mesh: Stage, builder: Builder) -> None:
    builder.failures = ["TRANSIENT"] * 10
    with mesh.working():
        ended = mesh.ended(mesh.ask().deployment_id)
    assert (ended["state"], ended["error_class"], len(builder.failures)) == ("failed_clean", "TRANSIENT", 7)


def test_a_cancelled_deployment_lets_go_of_the_version_for_the_one_that_waits(mesh: Stage, builder: Builder) -> None:
    from api.flows.cancel import cancel

    builder.halt = threading.Event()
    with mesh.working():
        first = mesh.ask(environment="dev").deployment_id
        assert builder.asked.wait(30)
        second = mesh.ask(environment="qa").deployment_id
        cancel(first, reason="", principal=DEPLOYER, database=mesh.database)
        builder.halt.set()
        ends = [mesh.ended(one)["state"] for one in (first, second)]
    assert ends == ["cancelled_clean", "succeeded"]
    assert builder.count() == ["pack of 1.0.0"]
    assert len(artifacts(mesh)) == 1


def test_tasks_are_built_in_their_order_and_each_sees_what_came_before(
    staged: Callable[..., Stage], builder: Builder
) -> None:
    seen = dict[str, Any]()
    made = builder.built
    builder.built = lambda request: seen.update({request["component"]["name"]: request}) or made(request)  # type: ignore[method-assign,func-returns-value]
    stage = builders.staged(staged, builder, bindings=(MAKING, BUILDING, Binding("builder", "*", "lifecycle-task")))
    stage.accept(building("1.0.0", "compile", "pack", dev=[{"name": "announce"}]))
    with stage.working():
        ended = stage.ended(stage.ask().deployment_id)
    assert (ended["state"], ended["reason"]) == ("succeeded", "")
    assert seen["compile"]["resolved"] == {}
    assert seen["pack"]["resolved"] == {f"{LINE}:tasks:build:compile": {"log": "well"}}
    assert [name for name, _ in artifacts(stage)] == ["compile", "pack"]
    assert [(one["name"], one["kind"]) for one in ended["resources"]][-1] == ("announce", "task")
    assert ("version.built", "1.0.0") in [
        (one.kind, one.payload["version"]) for one in _changes(stage) if one.kind.startswith("version.")
    ]


def test_two_builds_may_not_make_artifacts_of_one_name(staged: Callable[..., Stage], builder: Builder) -> None:
    made = builder.built

    def same(request: dict[str, Any]) -> dict[str, Any]:
        told = made(request)
        told["observation"]["artifacts"][0]["name"] = "image"
        return told

    builder.built = same  # type: ignore[method-assign]
    stage = builders.staged(staged, builder)
    stage.accept(building("1.0.0", "compile", "pack"))
    with stage.working():
        ended = stage.ended(stage.ask().deployment_id)
    assert (ended["state"], ended["error_class"]) == ("failed_clean", "INVALID")
    assert "artifacts of names that are taken: image" in ended["reason"]


def test_an_adapter_without_the_capability_builds_no_component(staged: Callable[..., Stage]) -> None:
    bindings = (Binding("local-fs"), Binding("local-fs", "*", "batch-*", stage="build"))
    stage = staged(bindings=bindings)
    stage.accept(building())
    with stage.working():
        ended = stage.ended(stage.ask().deployment_id)
    assert (ended["state"], ended["reason"]) == (
        "failed_clean",
        "local-fs is bound to the stage build and has not the capability `build`",
    )


BUILD = f"build {LINE}:tasks:build:pack"


@pytest.mark.parametrize("point", [f"before {BUILD}", "world pack", f"after {BUILD}"])
def test_a_build_whose_worker_is_killed_is_built_once(
    store_url: str, tmp_path: Path, builder: Builder, point: str
) -> None:
    stage = builders.staged(
        lambda **more: Stage(store_url, tmp_path / "containers", lease_seconds=1.0, **more), builder
    )
    try:
        stage.accept(building())
        asked = stage.ask()
        command = [sys.executable, builders.__file__, store_url, str(stage.folder), point, str(tmp_path / "diary")]
        paths = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
        process = subprocess.run(command, env=os.environ | paths, capture_output=True, timeout=120, check=False)
        assert process.returncode == -signal.SIGKILL, process.stderr.decode()[-2000:]
        with stage.working():
            assert stage.ended(asked.deployment_id)["state"] == "succeeded"
        assert (builder.count(), len(artifacts(stage))) == (["pack of 1.0.0"], 1)
    finally:
        stage.close()


def _changes(stage: Stage) -> Any:
    from catalog.changes import Changes

    return Changes(stage.database).after(principal=DEPLOYER, limit=1000)
