"""Do updates, failures and removals leave the container that the mesh was promised?"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from deploy_stage import DEPLOYER, Stage, document

from api.flows.standing import Requested, Standing
from engine.errors import ContainerOccupied, Downgrade, Forbidden, NotFound, PlanInvalid
from engine.model import Principal
from engine.policy.environments import Binding
from engine.provision.adapters.local_fs import LocalFs
from engine.provision.states import ContainerStatus

FACTS = ("status", "version", "generation", "usable", "in_sync", "reason")


class Awkward(LocalFs):
    """local-fs that does, for the components named here, what real platforms do on bad days."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__(config)
        self.broken: set[str] = set()
        self.stuck: set[str] = set()

    def apply(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["component"]["name"] in self.broken:
            return {"state": "failed", "error": {"class": "QUOTA", "message": "the disk is full"}}
        return super().apply(request)

    def destroy(self, ref: dict[str, Any], policy: str) -> dict[str, Any]:
        if ref["component"]["name"] in self.stuck:
            return {"state": "failed", "error": {"class": "TRANSIENT", "message": "the platform is away"}}
        return super().destroy(ref, policy)


def facts(stage: Stage, asked: Requested) -> tuple[Any, ...]:
    container = stage.container(asked.container_id)
    return tuple(container[name] for name in FACTS)


def deployed(stage: Stage, version: str = "1.0.0", **more: Any) -> Requested:
    asked = stage.ask(version, **more)
    stage.ended(asked.deployment_id)
    return asked


@pytest.fixture
def awkward(tmp_path: Path) -> Awkward:
    return Awkward({"directory": str(tmp_path / "containers")})


@pytest.fixture
def troubled(staged: Callable[..., Stage], awkward: Awkward) -> Stage:
    """A stage whose only adapter is the awkward one."""
    stage = staged(adapters={"awkward": lambda config: awkward}, bindings=(Binding("awkward"),))
    for version in ("1.0.0", "1.1.0"):
        content = copy.deepcopy(document(version))
        content["internalComponents"]["applicationComponents"][0]["description"] = f"as of {version}"
        stage.accept(content)
    return stage


def test_what_is_live_and_in_sync_is_the_answer_itself(stage: Stage) -> None:
    stage.accept(document())
    with stage.working():
        first = deployed(stage)
        assert stage.ask() == Requested(first.deployment_id, first.container_id, Standing.LIVE)


def test_a_minor_version_updates_in_place_and_a_major_lives_beside(stage: Stage) -> None:
    for version in ("1.0.0", "1.1.0", "2.0.0"):
        stage.accept(document(version))
    with stage.working():
        first, second, third = (deployed(stage, version) for version in ("1.0.0", "1.1.0", "2.0.0"))
    assert second.container_id == first.container_id != third.container_id
    assert facts(stage, second) == ("active", "1.1.0", 2, True, True, "")
    assert facts(stage, third) == ("active", "2.0.0", 1, True, True, "")
    assert [one.version for one in stage.containers.page(principal=DEPLOYER, environment="dev").items] == [
        "1.1.0",
        "2.0.0",
    ]
    actions = [one["action"] for one in stage.deployment(second.deployment_id)["plan"]["actions"]]
    assert actions == ["noop", "noop", "noop"]
    directories = [one["outputs"]["directory"] for one in stage.container(third.container_id)["resources"]]
    assert all("_v2" in directory for directory in directories)


def test_a_container_goes_with_its_product_to_another_domain(stage: Stage) -> None:
    moved = document("1.1.0")
    moved["info"]["domain"] = "finance"
    for one in (document(), moved):
        stage.accept(one)
    with stage.working():
        first, second = deployed(stage), deployed(stage, "1.1.0")
        places = [one["outputs"]["directory"] for one in stage.container(second.container_id)["resources"]]
        gone = stage.retire(first.container_id, principal=Principal("fay", DEPLOYER.roles, frozenset({"finance"})))
        stage.ended(gone.deployment_id)
    assert (stage.container(first.container_id)["domain"], stage.container(first.container_id)["status"]) == (
        "finance",
        "retired",
    )
    assert all("finance" not in place and "sales" not in place for place in places)


def test_a_lower_version_is_refused_unless_it_is_a_rollback(stage: Stage) -> None:
    for version in ("1.0.0", "1.1.0"):
        stage.accept(document(version))
    with stage.working():
        deployed(stage, "1.1.0")
        with pytest.raises(Downgrade) as refused:
            stage.ask("1.0.0")
        back = deployed(stage, "1.0.0", rollback=True)
    assert refused.value.context == {"live": "1.1.0", "asked": "1.0.0"}
    assert facts(stage, back) == ("active", "1.0.0", 2, True, True, "")


def test_a_component_that_is_gone_from_the_descriptor_is_removed(stage: Stage) -> None:
    without = document("1.1.0")
    without["internalComponents"] = {**without["internalComponents"], "applicationComponents": []}
    stage.accept(document())
    stage.accept(without)
    with stage.working():
        deployed(stage)
        asked = deployed(stage, "1.1.0", consent=True)
    resources = stage.container(asked.container_id)["resources"]
    assert {one["name"]: one["state"] for one in resources} == {"store": "ready", "fill": "deleted", "placed": "ready"}


def test_a_change_by_hand_is_seen_and_repaired_by_the_next_deployment(stage: Stage) -> None:
    for version in ("1.0.0", "1.1.0"):
        stage.accept(document(version))
    with stage.working():
        first = deployed(stage)
        store = stage.container(first.container_id)["resources"][0]["outputs"]["directory"]
        (Path(store) / "component.json").write_text("{}")
        second = deployed(stage, "1.1.0")
    actions = stage.deployment(second.deployment_id)["plan"]["actions"]
    assert (actions[0]["action"], actions[0]["reason"]) == ("update", "what is there is not what was made")
    assert (Path(store) / "component.json").read_text() != "{}"


def test_a_first_deployment_that_fails_is_cleaned_up_and_frees_the_slot(troubled: Stage, awkward: Awkward) -> None:
    awkward.broken = {"placed"}
    with troubled.working():
        failed = deployed(troubled)
        awkward.broken = set()
        again = deployed(troubled)
    ended = troubled.deployment(failed.deployment_id)
    assert (ended["state"], ended["reason"], ended["error_class"]) == (
        "failed_clean",
        "awkward: the disk is full",
        "QUOTA",
    )
    assert facts(troubled, failed) == ("released", "", 2, False, False, "awkward: the disk is full")
    assert [one["state"] for one in ended["resources"]] == ["deleted", "deleted", "deleted"]
    assert (again.standing, again.container_id == failed.container_id) == (Standing.STARTED, False)
    assert facts(troubled, again) == ("active", "1.0.0", 3, True, True, "")


def test_what_cannot_be_cleaned_up_keeps_the_slot_until_it_is_removed(troubled: Stage, awkward: Awkward) -> None:
    awkward.broken, awkward.stuck = {"placed"}, {"store"}
    with troubled.working():
        failed = deployed(troubled)
        assert troubled.deployment(failed.deployment_id)["state"] == "failed_dirty"
        assert facts(troubled, failed) == ("needs_cleanup", "", 2, False, False, "awkward: the disk is full")
        with pytest.raises(
            ContainerOccupied, match="the container is needs_cleanup: awkward: the disk is full"
        ) as told:
            troubled.ask()
        assert "abandoned by an operator" in told.value.hint  # waiting would be of no use
        awkward.broken, awkward.stuck = set(), set()
        troubled.ended(troubled.retire(failed.container_id).deployment_id)
        assert facts(troubled, failed)[0] == "retired"
        assert troubled.ask().standing is Standing.STARTED


def test_an_update_that_fails_keeps_the_version_that_was_live_and_tells_that_it_is_degraded(
    troubled: Stage, awkward: Awkward
) -> None:
    with troubled.working():
        first = deployed(troubled)
        awkward.broken = {"fill"}
        failed = deployed(troubled, "1.1.0")
        assert troubled.deployment(failed.deployment_id)["state"] == "failed_dirty"
        assert facts(troubled, first) == ("degraded", "1.0.0", 3, True, False, "awkward: the disk is full")
        awkward.broken = set()
        healed = deployed(troubled, "1.1.0")
    assert facts(troubled, healed) == ("active", "1.1.0", 4, True, True, "")
    assert troubled.feed("deployment.failed", "container.degraded", "container.updated") == [
        ("deployment.failed", "1.1.0"),
        ("container.degraded", "1.1.0"),
        ("container.updated", "1.1.0"),
    ]


def test_a_plan_that_cannot_be_made_is_refused_and_begins_nothing(staged: Callable[..., Stage]) -> None:
    stage = staged(bindings=(Binding("local-fs", "aws:*"),))
    stage.accept(document())
    with pytest.raises(PlanInvalid, match="no adapter of the environment dev is bound to"):
        stage.ask()
    assert stage.feed() == []


def test_a_plan_that_its_adapter_refuses_fails_before_anything_is_touched(staged: Callable[..., Stage]) -> None:
    class Choosy(LocalFs):
        def validate(self, request: dict[str, Any]) -> dict[str, Any]:
            return {"issues": [{"severity": "error", "path": "/name", "message": "not this one"}]}

    stage = staged(
        adapters={"choosy": lambda config: Choosy(config)},
        bindings=(Binding("choosy", configuration={"directory": "/nowhere"}),),
    )
    stage.accept(document())
    with stage.working():
        ended = stage.deployment(deployed(stage).deployment_id)
    assert (ended["state"], ended["error_class"], ended["plan"]) == ("failed_clean", "INVALID", None)
    assert "not this one" in ended["reason"]


def test_an_adapter_that_breaks_its_contract_fails_the_deployment_by_name(staged: Callable[..., Stage]) -> None:
    class Mumbling(LocalFs):
        def apply(self, request: dict[str, Any]) -> dict[str, Any]:
            return {"state": "fine"}

    stage = staged(
        adapters={"mumbling": lambda config: Mumbling(config)},
        bindings=(Binding("mumbling", configuration={"directory": "/nowhere"}),),
    )
    stage.accept(document())
    with stage.working():
        ended = stage.deployment(deployed(stage).deployment_id)
    assert (ended["state"], ended["error_class"]) == ("failed_clean", "INTERNAL")
    assert ended["reason"].startswith("mumbling does not keep to upp/1 Outcome")


def test_a_retired_container_is_gone_and_may_be_made_again(stage: Stage) -> None:
    stage.accept(document())
    with stage.working():
        asked = deployed(stage)
        data = Path(stage.container(asked.container_id)["resources"][0]["outputs"]["data"])
        (data / "rows.csv").write_text("1")
        retired = stage.retire(asked.container_id)
        assert stage.ended(retired.deployment_id)["state"] == "succeeded"
        assert stage.retire(asked.container_id) == Requested(retired.deployment_id, asked.container_id, Standing.LIVE)
        states = {one["name"]: one["state"] for one in stage.container(asked.container_id)["resources"]}
        assert stage.containers.page(principal=DEPLOYER).items == ()
        again = deployed(stage)
    assert states == {"store": "retained", "fill": "deleted", "placed": "deleted"}
    assert again.container_id != asked.container_id
    assert facts(stage, again) == ("active", "1.0.0", 3, True, True, "")
    assert (data / "rows.csv").read_text() == "1"


def test_data_is_deleted_only_when_that_is_asked_for(stage: Stage) -> None:
    stage.accept(document())
    with stage.working():
        asked = deployed(stage)
        place = Path(stage.container(asked.container_id)["resources"][0]["outputs"]["directory"])
        (place / "data" / "rows.csv").write_text("1")
        stage.ended(stage.retire(asked.container_id, delete_data=True).deployment_id)
    assert not place.exists()
    assert [one["state"] for one in stage.container(asked.container_id)["resources"]] == ["deleted"] * 3


def test_a_container_is_not_retired_while_it_is_deployed(stage: Stage) -> None:
    stage.accept(document())
    asked = stage.ask()
    with pytest.raises(ContainerOccupied):
        stage.retire(asked.container_id)
    with pytest.raises(NotFound):
        stage.retire("00000000-0000-4000-8000-000000000000")


def test_earlier_states_of_a_container_stay_readable(stage: Stage) -> None:
    from sqlalchemy import text

    stage.accept(document())
    with stage.working():
        asked = deployed(stage)
    with stage.database.reading() as connection:
        told = text("SELECT status, from_revision, until_revision FROM container WHERE id = :id ORDER BY from_revision")
        spans = connection.execute(told, {"id": asked.container_id}).all()
    assert [one.status for one in spans] == ["provisioning", "active"]
    assert (spans[0].until_revision, spans[1].until_revision) == (spans[1].from_revision, None)


def test_containers_are_found_by_environment_product_and_life(stage: Stage) -> None:
    for content in (document(), document("2.0.0"), document(name="returns")):
        stage.accept(content)
    with stage.working():
        orders, major, returns = deployed(stage), deployed(stage, "2.0.0"), deployed(stage, name="returns")
        stage.ended(stage.retire(major.container_id).deployment_id)

    def found(**asked: Any) -> list[str]:
        return [one.id for one in stage.containers.page(principal=DEPLOYER, **asked).items]

    assert found() == [orders.container_id, returns.container_id]
    assert found(statuses=list(ContainerStatus)) == [orders.container_id, major.container_id, returns.container_id]
    assert found(product="urn:dpds:org.example:dataproducts:returns:1") == [returns.container_id]
    assert found(environment="prod") == []
    assert found(first=1) == [orders.container_id]
    told = stage.containers.deployments(major.container_id, principal=DEPLOYER)
    assert [(one.action, one.state, one.generation) for one in told] == [
        ("retire", "succeeded", 2),
        ("deploy", "succeeded", 1),
    ]
    assert stage.containers.deployments("none", principal=DEPLOYER) == []
    with pytest.raises(NotFound):
        stage.deployment("none")
    with pytest.raises(NotFound):
        stage.container("none")


def of_the_domain(domain: str) -> Principal:
    return Principal(domain, DEPLOYER.roles, frozenset({domain}))


def test_who_had_a_product_has_no_right_to_its_old_versions_and_who_has_it_now_has(stage: Stage) -> None:
    stage.accept(document())
    moved = document("1.1.0")
    moved["info"]["domain"] = "finance"
    old, new = of_the_domain("sales"), of_the_domain("finance")
    with stage.working():
        first = stage.ask(principal=old)
        stage.ended(first.deployment_id)
        stage.accept(moved)
        for wish in ({"rollback": True}, {}):
            with pytest.raises(Forbidden):
                stage.ask("1.0.0", principal=old, **wish)
        with pytest.raises(Forbidden):
            stage.retire(first.container_id, principal=old)
        again = stage.ask("1.1.0", principal=new)
        stage.ended(again.deployment_id)
        assert stage.container(first.container_id)["domain"] == "finance"
        with pytest.raises(Forbidden):
            stage.ask("1.0.0", principal=old, rollback=True)
        back = stage.ask("1.0.0", principal=new, rollback=True)
        stage.ended(back.deployment_id)
        assert stage.container(back.container_id)["domain"] == "finance"
        gone = stage.retire(back.container_id, principal=new)
        assert stage.ended(gone.deployment_id)["state"] == "succeeded"
