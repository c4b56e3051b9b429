"""Does a thing that somebody else made become a resource, once, and only where nothing speaks against it?"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from deploy_stage import DEPLOYER, Stage, document

from api.flows.adopt import Adoption, adopt
from catalog.changes import Changes
from engine.errors import AdoptionRefused, ContainerOccupied, Forbidden, NotFound
from engine.model import Principal
from engine.policy.environments import Binding
from engine.provision.adapters.local_fs import LocalFs

OLGA = Principal("olga", frozenset({"operator"}))


class Fussy(LocalFs):
    """local-fs that may be made to adopt nothing, or to die or go on while it does."""

    able, how = True, ""

    def info(self) -> dict[str, Any]:
        told = super().info()
        return {**told, "capabilities": {**told["capabilities"], "adopt": self.able}}

    def adopt(self, request: dict[str, Any], external: str) -> dict[str, Any]:
        how, self.how = self.how, ""
        if how == "pending":
            return {"state": "pending", "operation": "one"}
        answer = super().adopt(request, external)
        if how == "die":
            raise KeyboardInterrupt
        return answer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "containers"


@pytest.fixture
def fussy(folder: Path) -> Fussy:
    return Fussy({"directory": str(folder)})


@pytest.fixture
def stage(staged: Callable[..., Stage], fussy: Fussy) -> Stage:
    stage = staged(adapters={"fussy": lambda config: fussy}, bindings=(Binding("fussy"),))
    for one in (document(), document("1.1.0"), document(name="other")):
        stage.accept(one)
    return stage


def deploy(stage: Stage, version: str = "1.0.0", name: str = "orders") -> dict[str, Any]:
    with stage.working():
        asked = stage.ask(version, name=name)
        assert stage.ended(asked.deployment_id)["state"] == "succeeded"
    return stage.container(asked.container_id)


def without_port(stage: Stage, folder: Path) -> tuple[str, str, Path]:
    """A container whose port is gone, the id of that resource, and what somebody else made."""
    container = deploy(stage)
    port = next(one for one in container["resources"] if one["name"] == "placed")
    shutil.rmtree(port["outputs"]["directory"])
    legacy = folder / "legacy" / "orders"
    legacy.mkdir(parents=True)
    (legacy / "rows.csv").write_text("id\n1\n")
    return container["id"], port["resource_id"], Path(port["outputs"]["data"])


def take(stage: Stage, container: str, resource: str, external: str = "legacy/orders", who: Principal = OLGA) -> None:
    adopt(Adoption(container, resource, external), principal=who, site=stage.site)


def resource_of(stage: Stage, container: str, resource: str) -> dict[str, Any]:
    return next(one for one in stage.container(container)["resources"] if one["resource_id"] == resource)


def news(stage: Stage) -> list[Any]:
    every = Changes(stage.database).after(principal=DEPLOYER, limit=1000)
    return [one.payload["external"] for one in every if one.kind == "resource.adopted"]


def test_what_somebody_else_made_is_a_resource_then_and_deployments_go_on(stage: Stage, folder: Path) -> None:
    container, resource, data = without_port(stage, folder)
    (deployment,) = stage.containers.deployments(container, principal=DEPLOYER)
    before = stage.events(deployment.id)
    take(stage, container, resource)
    assert stage.events(deployment.id) == before, "a deployment that has ended tells no more"
    assert (data / "rows.csv").read_text() == "id\n1\n"
    assert not (folder / "legacy" / "orders").exists()
    told = resource_of(stage, container, resource)
    assert (told["state"], told["generation"], told["reason"]) == ("ready", 1, "")
    held = stage.container(container)
    assert (held["status"], held["usable"], held["in_sync"], news(stage)) == ("active", True, True, ["legacy/orders"])
    after = deploy(stage, "1.1.0")
    assert (after["id"], after["in_sync"], (data / "rows.csv").is_file()) == (container, True, True)


def test_what_is_there_already_adopts_nothing(stage: Stage, folder: Path) -> None:
    container, resource, _ = without_port(stage, folder)
    take(stage, container, resource)
    (folder / "more").mkdir()
    with pytest.raises(AdoptionRefused, match="is there already"):
        take(stage, container, resource, "more")
    assert (folder / "more").is_dir()
    assert resource_of(stage, container, resource)["state"] == "ready"


def test_what_bears_the_labels_of_another_container_is_refused(stage: Stage, folder: Path) -> None:
    other = next(one for one in deploy(stage, name="other")["resources"] if one["name"] == "placed")
    container, resource, _ = without_port(stage, folder)
    taken = Path(other["outputs"]["directory"])
    for external in (taken.relative_to(folder), taken.parent.relative_to(folder), (taken / "data").relative_to(folder)):
        with pytest.raises(AdoptionRefused, match="bears the labels of") as refused:
            take(stage, container, resource, str(external))
        assert refused.value.context["error_class"] == "CONFLICT"
    assert (taken / "manifest.json").is_file()
    assert resource_of(stage, container, resource)["state"] == "failed"
    take(stage, container, resource)  # and the right one after that
    assert resource_of(stage, container, resource)["state"] == "ready"


@pytest.mark.parametrize("external", ["../outside", "/etc", "none", "dev", ".generations", "a\0b", "x" * 999])
def test_what_is_no_directory_of_the_adapter_is_refused(stage: Stage, folder: Path, external: str) -> None:
    container, resource, _ = without_port(stage, folder)
    with pytest.raises(AdoptionRefused):
        take(stage, container, resource, external)
    assert news(stage) == []


def test_an_adapter_that_cannot_adopt_says_so_and_nothing_is_changed(stage: Stage, folder: Path, fussy: Fussy) -> None:
    container, resource, _ = without_port(stage, folder)
    before = resource_of(stage, container, resource)
    fussy.able = False
    stage.registry._known.clear()
    with pytest.raises(AdoptionRefused, match="fussy adopts nothing") as refused:
        take(stage, container, resource)
    assert refused.value.context["error_class"] == "UNSUPPORTED"
    assert resource_of(stage, container, resource) == before


def test_who_dies_while_it_is_adopted_asks_again_with_the_same_effect(stage: Stage, folder: Path, fussy: Fussy) -> None:
    container, resource, data = without_port(stage, folder)
    fussy.how = "die"
    with pytest.raises(KeyboardInterrupt):
        take(stage, container, resource)
    assert resource_of(stage, container, resource)["reason"] == "adopts legacy/orders"
    take(stage, container, resource)
    assert (resource_of(stage, container, resource)["state"], news(stage)) == ("ready", ["legacy/orders"])
    assert (data / "rows.csv").is_file()


def test_an_adapter_that_goes_on_is_asked_again(stage: Stage, folder: Path, fussy: Fussy) -> None:
    container, resource, _ = without_port(stage, folder)
    fussy.how = "pending"
    with pytest.raises(AdoptionRefused, match="ask again"):
        take(stage, container, resource)
    take(stage, container, resource)
    assert resource_of(stage, container, resource)["state"] == "ready"


def test_who_may_not_or_names_what_is_not_there_or_comes_in_between_is_refused(stage: Stage, folder: Path) -> None:
    container, resource, _ = without_port(stage, folder)
    with pytest.raises(Forbidden):
        take(stage, container, resource, who=DEPLOYER)
    with pytest.raises(Forbidden):
        take(stage, container, resource, who=Principal("op", frozenset({"operator"}), frozenset({"hr"})))
    with pytest.raises(NotFound):
        take(stage, container, "00000000-0000-4000-8000-000000000000")
    with pytest.raises(NotFound):
        take(stage, "00000000-0000-4000-8000-000000000000", resource)
    stage.ask("1.1.0")
    with pytest.raises(ContainerOccupied):
        take(stage, container, resource)
    assert news(stage) == []
