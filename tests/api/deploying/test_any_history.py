"""Whatever is asked for and whatever fails, in any order: does the catalog say of a container what the world shows?"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from deploy_stage import DEPLOYER, Stage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inline_durable import Inline
from moody_adapter import Moody, made

from api.flows.abandon import abandon
from api.flows.approve import approve, reject
from api.flows.cancel import cancel
from api.flows.carry_out import carry_out
from api.flows.deploying.waking import wake
from engine.errors import ContainerOccupied, Downgrade
from engine.model import Principal
from engine.policy.environments import Binding

OPERATOR = Principal("olga", frozenset({"operator"}))
APPROVER = Principal("ada", frozenset({"approver"}))
RESTING = {"active", "degraded", "needs_cleanup"}

MOODS = st.fixed_dictionaries(
    {
        "refused": st.sets(st.sampled_from(["1.0.0", "1.1.0"])),
        "stuck": st.sets(st.sampled_from(["store", "fill", "placed"]), max_size=1),
        "failures": st.dictionaries(
            st.sampled_from(["store", "fill", "placed"]),
            st.lists(st.sampled_from(["TRANSIENT", "QUOTA", "UNKNOWN_OUTCOME"]), max_size=3),
            max_size=1,
        ),
        "answer": st.sampled_from(["approve", "reject", "by hand"]),
    }
)
STEPS = st.tuples(st.sampled_from(["1.0.0", "1.1.0", "cancelled 1.1.0", "retire", "abandon", "by hand"]), MOODS)


class World:
    """A stage whose deployments are carried out at once, and what a person would look at in it."""

    def __init__(self, stage: Stage, moody: Moody, *, strict: bool) -> None:
        self.stage, self.moody, self.durable, self.strict = stage, moody, Inline(), strict
        stage.worker = self.durable  # type: ignore[assignment]
        self.abandoned, self.answer = False, "approve"

    def do(self, what: str) -> None:
        held = self.stage.containers.page(principal=DEPLOYER).items
        if what == "retire":
            for one in held:
                self.stage.retire(one.id)
        elif what == "abandon":
            for one in held:
                if one.status == "needs_cleanup":
                    abandon(one.id, reason="enough", principal=OPERATOR, database=self.stage.database)
                    self.abandoned = True
        elif what == "by hand":
            self.by_hand()
        else:
            self.deploy(*what.split())
        self.work()

    def by_hand(self) -> None:
        for one in self.stage.folder.glob("dev/*/*/component.json"):
            one.write_text("{}")

    def hear(self) -> None:
        """Let people answer whom they are asked about; what moves before they do is asked about again."""
        for one in self.stage.containers.page(principal=DEPLOYER).items:
            found = self.stage.deployment(one.deployment_id)
            if not found["asks"] or found["approved_by"]:
                continue
            told = {"principal": APPROVER, "database": self.stage.database}
            if self.answer == "reject":
                reject(one.deployment_id, reason="no", **told)  # type: ignore[arg-type]
                continue
            if self.answer == "by hand":
                self.by_hand()
                self.answer = "approve"
            approve(one.deployment_id, plan=found["plan"]["digest"], reason="", **told)  # type: ignore[arg-type]

    def deploy(self, *words: str) -> None:
        try:
            asked = self.stage.ask(words[-1], rollback=True)
        except (ContainerOccupied, Downgrade):
            return
        if words[0] == "cancelled" and asked.standing == "started":
            told = {"principal": DEPLOYER, "database": self.stage.database}
            cancel(asked.deployment_id, reason="", **told)  # type: ignore[arg-type]

    def work(self) -> None:
        """Carry out every turn until nothing is due any more."""
        for _ in range(2000):
            while self.durable.waiting:
                carry_out(self.durable.waiting.pop(0), lambda name, action: action(), site=self.stage.site)
            wake(self.stage.database, self.durable)  # type: ignore[arg-type]
            self.hear()
            if not self.durable.waiting and not self.running():
                return
        raise AssertionError("a deployment never ends")

    def running(self) -> bool:
        held = self.stage.containers.page(principal=DEPLOYER).items
        return any(one.status not in RESTING for one in held)

    def things(self) -> list[Path]:
        return sorted(self.stage.folder.glob("dev/*/*/manifest.json"))

    def check_events(self) -> None:
        """Every deployment was told from its first step to the state that it has, without a gap."""
        for one in self.stage.containers.deployment_page(principal=DEPLOYER, first=1000).items:
            events = self.stage.events(one.id)
            assert [event.sequence for event in events] == list(range(1, len(events) + 1))
            states = [event.state for event in events if event.kind in ("requested", "state")]
            assert (states[0], states[-1]) == ("queued", one.state)

    def check(self) -> None:
        self.check_events()
        held = self.stage.containers.page(principal=DEPLOYER).items
        assert len(held) <= 1
        assert all(one.status in RESTING for one in held)
        if not held and not self.abandoned:
            assert self.things() == []
        for one in held:
            for done in self.stage.containers.deployments(one.id, principal=DEPLOYER):
                found = self.stage.deployment(done.id)
                if self.strict and found["state"] == "succeeded":
                    assert (found["approved_by"], found["approved_plan"]) == (APPROVER.id, found["plan"]["digest"])
                if found["state"] == "rejected":
                    assert not any(part["deployment_id"] == done.id for part in found["resources"])
            if one.status == "active":
                assert (one.usable, one.in_sync) == (True, True)
                assert len(self.things()) == 3
            if one.status == "degraded":
                assert (one.usable, one.in_sync) != (True, True)
            if one.status in ("active", "degraded"):
                assert one.version in ("1.0.0", "1.1.0")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("history")
    stage = made(
        lambda **more: Stage(f"sqlite:///{folder / 'mesh.db'}", folder, **more), Moody({"directory": "/nowhere"})
    )
    stage.close()
    return folder / "mesh.db"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, min_size=1, max_size=6), st.booleans())
def test_any_history_ends_with_what_the_world_shows(
    template: Path, tmp_path: Path, history: list[tuple[str, Mapping[str, Any]]], strict: bool
) -> None:
    folder = tmp_path / uuid.uuid4().hex
    folder.mkdir()
    shutil.copy(template, folder / "mesh.db")
    moody = Moody({"directory": str(folder / "containers")})
    stage = Stage(
        f"sqlite:///{folder / 'mesh.db'}",
        folder / "containers",
        adapters={"moody": lambda config: moody},
        bindings=(Binding("moody"),),
        approval="required" if strict else "not-required",
    )
    world = World(stage, moody, strict=strict)
    try:
        for what, mood in history:
            moody.refused, moody.stuck = set(mood["refused"]), set(mood["stuck"])
            moody.failures = {name: [*classes] for name, classes in mood["failures"].items()}
            world.answer = mood["answer"]
            world.do(what)
            world.check()
    finally:
        stage.database.close()
        shutil.rmtree(folder)
