"""Does an environment that takes promoted versions only take nothing else?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from deploy_stage import Stage, document

from engine.errors import NotCleared
from engine.policy.environments import Binding, Environment


@pytest.fixture
def mesh(staged: Callable[..., Stage]) -> Iterator[Stage]:
    stage: Stage = staged()
    for order, name in enumerate(("dev", "qa", "prod"), 1):
        promotion = "free" if name == "dev" else "required"
        stage.environments[name] = Environment(name, order, (Binding("local-fs"),), promotion=promotion)
    for version in ("1.0.0", "1.1.0"):
        told = document(version)
        stage.accept({**told, "info": {**told["info"], "description": "for prod"}})
    with stage.working():
        yield stage


def deployed(stage: Stage, environment: str, version: str = "1.0.0", **more: Any) -> str:
    state = stage.ended(stage.ask(version, environment, **more).deployment_id)["state"]
    return str(state)


def refused(stage: Stage, environment: str, version: str = "1.0.0", **more: Any) -> Any:
    with pytest.raises(NotCleared) as why:
        stage.ask(version, environment, **more)
    assert why.value.context["environment"] == environment
    return why.value.context["reasons"]


def test_a_version_goes_from_one_environment_to_the_next_and_skips_none(mesh: Stage) -> None:
    assert refused(mesh, "prod") == [
        {
            "kind": "promotion",
            "code": "not-promoted",
            "msg": "the version has to be deployed to qa first: it is not what was deployed there last",
            "environment": "qa",
        }
    ]
    assert [reason["environment"] for reason in refused(mesh, "qa")] == ["dev"]
    assert [deployed(mesh, where) for where in ("dev", "qa", "prod")] == ["succeeded"] * 3


def test_what_was_overtaken_in_the_environment_before_is_promoted_no_more(mesh: Stage) -> None:
    assert [deployed(mesh, "dev"), deployed(mesh, "dev", "1.1.0")] == ["succeeded"] * 2
    assert [reason["code"] for reason in refused(mesh, "qa")] == ["not-promoted"]
    assert deployed(mesh, "qa", "1.1.0") == "succeeded"


def test_what_was_retired_in_the_environment_before_may_still_be_promoted(mesh: Stage) -> None:
    ended = mesh.ended(mesh.ask().deployment_id)
    assert mesh.ended(mesh.retire(ended["container_id"]).deployment_id)["state"] == "succeeded"
    assert deployed(mesh, "qa") == "succeeded"


def test_a_rollback_to_what_was_there_before_needs_no_promotion_and_any_other_does(mesh: Stage) -> None:
    for version in ("1.0.0", "1.1.0"):
        for where in ("dev", "qa"):
            assert deployed(mesh, where, version) == "succeeded"
    assert deployed(mesh, "prod", "1.1.0") == "succeeded"
    assert deployed(mesh, "qa", "1.0.0", rollback=True) == "succeeded"
    assert deployed(mesh, "prod", "1.0.0", rollback=True) == "succeeded", "it is what qa runs again"
    assert deployed(mesh, "qa", "1.1.0") == "succeeded"
    assert deployed(mesh, "prod", "1.1.0") == "succeeded"
    mesh.environments["late"] = Environment("late", 4, (Binding("local-fs"),), promotion="required")
    assert [one["environment"] for one in refused(mesh, "late", "1.0.0", rollback=True)] == ["prod"]


def test_a_failed_deployment_promotes_nothing(staged: Callable[..., Stage], tmp_path: Any) -> None:
    from moody_adapter import Moody, made

    moody = Moody({"directory": str(tmp_path / "containers")})
    moody.failures["fill"] = ["INVALID"]
    stage = made(staged, moody)
    stage.environments["prod"] = Environment("prod", 2, (Binding("moody"),), promotion="required")
    with stage.working():
        assert deployed(stage, "dev") == "failed_clean"
    stage.engine = type(stage.engine)({name: (lambda shown: []) for name in stage.bundle.policies})
    assert [reason["code"] for reason in refused(stage, "prod")] == ["not-promoted"]
