"""Are never more deployments at work than an environment or an adapter bears, and does each get its place?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from deploy_stage import DEPLOYER, Stage, document, wait_for
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from api.flows.cancel import cancel
from api.flows.carry_out import carry_out
from api.flows.deploying.waking import wake
from catalog.slots import SLOT
from engine.policy.environments import Binding
from engine.provision.adapters.local_fs import LocalFs
from engine.provision.pace import Pace

PATIENT = Pace(first=3600, most=3600, tries=3)
"""Who waits is woken, or waits for an hour: nothing here comes about by looking again."""


class Counted(LocalFs):
    """local-fs that knows how many calls are under way at once, and waits with each until the gate is open."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__(config)
        self.gate = threading.Event()
        self.lock = threading.Lock()
        self.inside: list[str] = []
        self.most = 0
        self.order: list[str] = []

    def apply(self, request: dict[str, Any]) -> dict[str, Any]:
        product = request["container"]["product"]
        with self.lock:
            self.inside.append(product)
            self.most = max(self.most, len(self.inside))
            if product not in self.order:
                self.order.append(product)
        assert self.gate.wait(60)
        try:
            return super().apply(request)
        finally:
            with self.lock:
                self.inside.remove(product)


def named(number: int) -> str:
    return f"orders{number}"


def furnished(
    staged: Callable[..., Stage], adapter: Counted, *, products: int, of_adapter: int | None = None, **environment: Any
) -> Stage:
    stage = staged(
        adapters={"counted": lambda config: adapter},
        bindings=(Binding("counted", concurrency=of_adapter),),
        pace=environment.pop("pace", PATIENT),
        **environment,
    )
    for number in range(products):
        stage.accept(document(name=named(number)))
    return stage


def places(stage: Stage) -> list[tuple[str, bool]]:
    with stage.database.reading() as connection:
        return [(row.name, row.held) for row in connection.execute(select(SLOT).order_by(SLOT.c.deployment_id))]


@pytest.fixture
def adapter(tmp_path: Any) -> Counted:
    return Counted({"directory": str(tmp_path / "containers")})


def test_what_an_environment_does_not_bear_waits_without_a_worker_and_says_for_whom(
    staged: Callable[..., Stage], adapter: Counted
) -> None:
    stage = furnished(staged, adapter, products=3, concurrency=1)
    asked = [stage.ask(name=named(0)).deployment_id]
    with stage.working():
        wait_for(lambda: adapter.inside, "the first")
        asked += [stage.ask(name=named(number)).deployment_id for number in (1, 2)]
        waiting = [wait_for(lambda one=one: stage.deployment(one)["waiting"], "the wait") for one in asked[1:]]
        wait_for(lambda: stage.worker.backlog().carried == 1, "free workers")
        adapter.gate.set()
        assert [stage.ended(one)["state"] for one in asked] == ["succeeded"] * 3
    holder = "urn:dpds:org.example:dataproducts:orders0:1 1.0.0"
    said = f"at most 1 deployments to dev are at work at once, now {holder}"
    assert [(one["for"], one["reason"].startswith(said)) for one in waiting] == [("slot", True)] * 2
    assert (adapter.most, places(stage)) == (1, [])


def test_those_who_wait_go_on_in_the_order_in_which_they_asked(staged: Callable[..., Stage], adapter: Counted) -> None:
    stage = furnished(staged, adapter, products=6, concurrency=2)
    asked = [stage.ask(name=named(number)).deployment_id for number in range(6)]
    with stage.working():
        wait_for(lambda: len(adapter.inside) == 2 and len(places(stage)) == 6, "two at work and all others in front")
        adapter.gate.set()
        assert [stage.ended(one)["state"] for one in asked] == ["succeeded"] * 6
    order = [int(one.split("orders")[1].split(":")[0]) for one in adapter.order]
    after = [number for number in range(6) if number not in order[:2]]
    assert all(abs(order[2:].index(number) - place) <= 1 for place, number in enumerate(after))
    assert (adapter.most <= 2, places(stage)) == (True, [])


def test_an_adapter_has_a_limit_of_its_own_and_gives_the_place_back_after_each_action(
    staged: Callable[..., Stage], adapter: Counted
) -> None:
    stage = furnished(staged, adapter, products=4, of_adapter=1)
    asked = [stage.ask(name=named(0)).deployment_id]
    with stage.working():
        wait_for(lambda: adapter.inside, "the first")
        asked += [stage.ask(name=named(number)).deployment_id for number in (1, 2, 3)]
        waiting = wait_for(lambda: stage.deployment(asked[3])["waiting"], "the wait")
        adapter.gate.set()
        assert [stage.ended(one)["state"] for one in asked] == ["succeeded"] * 4
    assert waiting["reason"].startswith("at most 1 deployments with counted in dev are at work at once, now urn:")
    assert (adapter.most, places(stage)) == (1, [])


def test_both_limits_together_stop_nobody_for_ever(staged: Callable[..., Stage], adapter: Counted) -> None:
    stage = furnished(staged, adapter, products=6, of_adapter=1, concurrency=2)
    asked = [stage.ask(name=named(number)).deployment_id for number in range(6)]
    adapter.gate.set()
    with stage.working():
        assert [stage.ended(one)["state"] for one in asked] == ["succeeded"] * 6
    assert (adapter.most, places(stage)) == (1, [])


def test_one_that_is_cancelled_while_it_waits_ends_at_once_and_stands_in_nobodys_way(
    staged: Callable[..., Stage], adapter: Counted
) -> None:
    stage = furnished(staged, adapter, products=3, concurrency=1)
    first = stage.ask(name=named(0)).deployment_id
    with stage.working():
        wait_for(lambda: adapter.inside, "the first")
        second, third = (stage.ask(name=named(number)).deployment_id for number in (1, 2))
        for one in (second, third):
            wait_for(lambda one=one: stage.deployment(one)["waiting"], "the wait")
        cancel(second, reason="", principal=DEPLOYER, database=stage.database)
        assert stage.ended(second)["state"] == "cancelled_clean"
        assert adapter.inside == ["urn:dpds:org.example:dataproducts:orders0:1"]
        adapter.gate.set()
        assert [stage.ended(one)["state"] for one in (first, third)] == ["succeeded"] * 2
    assert places(stage) == []


def test_who_waits_for_another_try_leaves_its_place(staged: Callable[..., Stage], adapter: Counted) -> None:
    stage = furnished(staged, adapter, products=2, concurrency=1)
    kind = type(adapter)
    failing = {"state": "failed", "error": {"class": "TRANSIENT", "message": "a bad day"}}
    adapter.gate.set()

    def apply(request: dict[str, Any]) -> dict[str, Any]:
        return failing if "orders0" in request["container"]["product"] else kind.apply(adapter, request)

    adapter.apply = apply  # type: ignore[method-assign]
    with stage.working():
        first = stage.ask(name=named(0)).deployment_id
        assert wait_for(lambda: stage.deployment(first)["waiting"], "the wait")["for"] == "retry"
        second = stage.ask(name=named(1)).deployment_id
        assert stage.ended(second)["state"] == "succeeded"


def test_one_whose_environment_has_no_limit_takes_no_place(staged: Callable[..., Stage], adapter: Counted) -> None:
    stage = furnished(staged, adapter, products=1)
    asked = stage.ask(name=named(0)).deployment_id
    with stage.working():
        wait_for(lambda: adapter.inside, "the call")
        assert places(stage) == []
        adapter.gate.set()
        stage.ended(asked)


class Killed(BaseException):
    """Stands for the death of a worker at a step border or inside of a step."""


class Crew:
    """Carries turns out in one thread, step by step, in any order: workers that come, go on, and are killed."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.handed: list[str] = []
        self.remembered: dict[str, list[Any]] = {}
        stage.worker = self  # type: ignore[assignment]

    def enqueue(self, connection: object, deployment_id: str, *, turn: int = 1) -> None:
        self.handed.append(deployment_id)
        self.remembered[deployment_id] = []

    def step(self, place: int, steps: int) -> None:
        """Let the turn at this place of the queue go on for so many steps; then its worker is killed."""
        deployment_id = self.handed[place % len(self.handed)]
        told, left = self.remembered[deployment_id], [steps]
        number = iter(range(10**6))

        def step(name: str, action: Callable[[], Any]) -> Any:
            here = next(number)
            if here < len(told):
                return told[here]
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            told.append(action())
            return told[here]

        try:
            carry_out(deployment_id, step, site=self.stage.site)
        except Killed:
            return
        if deployment_id in self.handed:
            self.handed.remove(deployment_id)


def at_work(stage: Stage, name: str) -> int:
    with stage.database.reading() as connection:
        held = select(SLOT.c.deployment_id).where(SLOT.c.name == name, SLOT.c.held.is_(True))
        return len(connection.execute(held).all())


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    most=st.integers(1, 3),
    of_adapter=st.one_of(st.none(), st.integers(1, 2)),
    arrivals=st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 4)), min_size=5, max_size=40),
)
def test_whoever_comes_and_whoever_is_killed_never_more_than_the_limit_are_at_work_and_all_end(
    sqlite_template: Any, tmp_path: Any, most: int, of_adapter: int | None, arrivals: list[tuple[int, int]]
) -> None:
    import shutil
    import uuid

    folder = tmp_path / uuid.uuid4().hex
    folder.mkdir()
    shutil.copy(sqlite_template, folder / "mesh.db")
    stage = Stage(
        f"sqlite:///{folder / 'mesh.db'}",
        folder / "containers",
        bindings=(Binding("local-fs", concurrency=of_adapter),),
        pace=PATIENT,
        concurrency=most,
    )
    crew = Crew(stage)
    try:
        for number in range(5):
            stage.accept(document(name=named(number)))
        asked: list[str] = []
        for where, steps in arrivals:
            if len(asked) < 5 and where % 3 == 0:
                asked.append(stage.ask(name=named(len(asked))).deployment_id)
            wake(stage.database, crew)  # type: ignore[arg-type]
            if crew.handed:
                crew.step(where, steps)
            assert at_work(stage, "dev") <= most
            assert of_adapter is None or at_work(stage, "dev/local-fs") <= of_adapter
        for _ in range(200):
            wake(stage.database, crew)  # type: ignore[arg-type]
            if not crew.handed:
                break
            crew.step(0, 100)
        assert [stage.deployment(one)["state"] for one in asked] == ["succeeded"] * len(asked)
        assert places(stage) == []
    finally:
        stage.database.close()
        shutil.rmtree(folder)


def test_a_limit_holds_across_workers_and_a_killed_holder_gives_its_place_on_after_its_rescue(
    postgresql_url: str, tmp_path: Any
) -> None:
    """Three worker processes, at most two deployments at once; one worker is killed while it holds a place."""
    from dying_worker import Diary
    from several_workers import crew, inside, overlap

    diary = Diary(tmp_path / "diary")
    stage = Stage(postgresql_url, tmp_path / "containers", concurrency=2, pace=PATIENT, lease_seconds=1.0)
    try:
        for number in range(8):
            stage.accept(document(name=named(number)))
        with crew(postgresql_url, stage.folder, diary, workers=3, concurrency=2) as workers:
            asked = [stage.ask(name=named(number)).deployment_id for number in range(8)]
            victim = wait_for(lambda: inside(diary), "somebody at work")
            workers[victim].kill()
            began = time.monotonic()
            assert [stage.ended(one)["state"] for one in asked] == ["succeeded"] * 8
            assert time.monotonic() - began < 60
        assert overlap(diary) <= 2
        assert places(stage) == []
    finally:
        stage.close()
