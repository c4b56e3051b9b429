"""Does the script end every deployment, whatever its steps do? (Steps run here without the durable engine.)"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from deploy_stage import DEPLOYER, Stage, document

from api.flows.carry_out import carry_out
from engine.model import Json
from engine.provision.durable import Action

LINE = "urn:dpds:org.example:dataproducts:orders:1"
APPLY = [f"apply {LINE}:infrastructure:store", f"apply {LINE}:applications:fill", f"apply {LINE}:outputports:placed"]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(f"sqlite:///{tmp_path / 'meshgate.db'}", tmp_path / "containers")
    made.accept(document())
    yield made
    made.close()


def breaking(*names: str) -> tuple[list[str], Callable[[str, Action], Json]]:
    """The names of the steps as they come, and a way to do steps in which the named ones cannot be done."""
    seen: list[str] = []

    def step(name: str, action: Action) -> Json:
        seen.append(name)
        if name in names:
            raise ZeroDivisionError(name)
        return action()

    return seen, step


def carried_out(stage: Stage, *names: str) -> tuple[list[str], str, str, str]:
    asked = stage.ask()
    seen, step = breaking(*names)
    carry_out(asked.deployment_id, step, site=stage.site)
    ended = stage.deployment(asked.deployment_id)
    return seen, ended["state"], ended["reason"], stage.container(asked.container_id)["status"]


def test_the_steps_have_names_and_an_order(stage: Stage) -> None:
    told = carried_out(stage)
    assert told == (["begin", "plan", *APPLY, "verify", "finish"], "succeeded", "", "active")


def test_a_step_that_cannot_be_done_turns_the_deployment_back(stage: Stage) -> None:
    seen, state, reason, status = carried_out(stage, APPLY[1])
    assert seen == ["begin", "plan", *APPLY[:2], "turn back", f"undo {LINE}:infrastructure:store", "end"]
    assert (state, reason, status) == ("failed_clean", f"ZeroDivisionError: {APPLY[1]}", "released")
    assert not list(stage.folder.glob("dev/*/*"))


def test_when_the_way_back_cannot_be_gone_the_slot_is_kept_and_says_why(stage: Stage) -> None:
    seen, state, _, status = carried_out(stage, "verify", "end")
    undone = [one.replace("apply", "undo") for one in reversed(APPLY)]
    assert seen == ["begin", "plan", *APPLY, "verify", "turn back", *undone, "end", "give up"]
    assert (state, status) == ("failed_dirty", "needs_cleanup")
    told = "ZeroDivisionError: verify; then ZeroDivisionError: end"
    assert stage.container(stage.containers.page(principal=DEPLOYER).items[0].id)["reason"] == told


def test_carrying_out_what_has_ended_does_nothing(stage: Stage) -> None:
    asked = stage.ask()
    carry_out(asked.deployment_id, breaking()[1], site=stage.site)
    before = (stage.container(asked.container_id), stage.feed())
    seen, step = breaking()
    carry_out(asked.deployment_id, step, site=stage.site)
    assert (seen, (stage.container(asked.container_id), stage.feed())) == (["begin"], before)


def test_what_was_made_and_then_vanished_fails_the_verification(stage: Stage) -> None:
    asked = stage.ask()

    def step(name: str, action: Action) -> Json:
        if name == "verify":
            next(stage.folder.glob("dev/*/fill-*/manifest.json")).unlink()
        return action()

    carry_out(asked.deployment_id, step, site=stage.site)
    ended = stage.deployment(asked.deployment_id)
    assert (ended["state"], ended["reason"]) == ("failed_clean", f"{LINE}:applications:fill is not there")
