"""Is what drifted seen, told and by choice repaired, and is what nobody could see never taken for gone?"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from deploy_stage import DEPLOYER, POLICY, Stage, document, wait_for
from moody_adapter import Moody, made
from remembered import sent
from sqlalchemy import select, update

from api.flows.operating.asked import observe
from api.flows.operating.gates import Gates
from api.flows.standing import Requested, Standing
from api.worker.observer import Observer
from catalog import clock
from catalog.access_sets import AccessSets
from catalog.looks import LOOK, BudgetSpent, Look, Looked
from catalog.work import HEAD
from engine.errors import ContainerUnsettled, Forbidden, NotFound
from engine.model import Principal
from engine.policy.in_memory import InMemoryEngine

LINE = "urn:dpds:org.example:dataproducts:orders:1"
STORE, PLACED = f"{LINE}:infrastructure:store", f"{LINE}:outputports:placed"
SOUND = ("active", True, True, "")
KINDS = ("container.drifted", "container.unknown", "container.in_sync", "container.unrepaired")


@pytest.fixture
def live(staged: Callable[..., Stage], moody: Moody) -> Callable[..., tuple[Stage, Requested]]:
    """Makes a stage on which `orders` 1.0.0 is live."""

    def made_live(**environment: Any) -> tuple[Stage, Requested]:
        stage = made(staged, moody, **environment)
        asked = stage.ask()
        with stage.working():
            assert stage.ended(asked.deployment_id)["state"] == "succeeded"
        moody.looked.clear()
        moody.calls.clear()
        return stage, asked

    return made_live


def due(stage: Stage, *, repairs: bool = False) -> None:
    """Let the time come at which everything is looked at again (and what may be repaired is)."""
    values = {"look_at": 0.0} | ({"repair_at": 0.0} if repairs else {})
    with stage.database.writing() as connection:
        connection.execute(update(LOOK).values(**values))
        connection.commit()


def observer(stage: Stage, **more: Any) -> Observer:
    house: Any = stage
    return Observer(house, sole=False, seconds=0.05, **more)


def looked(stage: Stage, *, repairs: bool = False) -> None:
    """One whole look at everything that is due."""
    due(stage, repairs=repairs)
    one = observer(stage)
    while one.once():
        pass


def facts(stage: Stage, asked: Requested) -> tuple[Any, ...]:
    return tuple(stage.container(asked.container_id)[name] for name in ("status", "usable", "in_sync", "reason"))


def states(stage: Stage, asked: Requested) -> list[tuple[str, str, str]]:
    resources = stage.container(asked.container_id)["resources"]
    return [(one["name"], one["state"], one["reason"]) for one in resources]


def when(stage: Stage, asked: Requested) -> Look:
    """When the container was and will be observed."""
    found = stage.containers.one(asked.container_id, principal=DEPLOYER)
    assert found is not None
    assert found.observed is not None
    return found.observed


def revision(stage: Stage) -> int:
    with stage.database.reading() as connection:
        return int(connection.execute(select(HEAD.c.revision)).scalar_one())


def folder(stage: Stage, name: str) -> Path:
    (found,) = stage.folder.glob(f"dev/orders_v1/{name}-*")
    return found


# --- what is seen -----------------------------------------------------------------------------------------------------


def test_a_look_at_what_is_as_it_was_makes_no_revision_and_says_when_it_was(live: Any, moody: Moody) -> None:
    stage, asked = live()
    before = revision(stage)
    assert stage.container(asked.container_id)["observed"]["at"] is None
    looked(stage)
    seen = stage.container(asked.container_id)["observed"]
    assert (facts(stage, asked), revision(stage), moody.looked) == (SOUND, before, ["store", "fill", "placed"])
    assert seen["at"] is not None
    assert seen["next"] > seen["at"]


def test_what_was_deleted_is_drifted_and_the_container_not_usable(live: Any) -> None:
    stage, asked = live()
    shutil.rmtree(folder(stage, "store"))
    looked(stage)
    assert states(stage, asked) == [
        ("store", "drifted", f"{STORE} is not there"),
        ("fill", "ready", ""),
        ("placed", "ready", ""),
    ]
    assert facts(stage, asked) == ("degraded", False, False, f"{STORE} is not there")
    assert stage.feed(*KINDS) == [("container.drifted", "1.0.0")]


def test_what_was_changed_is_drifted_and_still_usable(live: Any) -> None:
    stage, asked = live()
    (folder(stage, "placed") / "component.json").write_text("{}")
    looked(stage)
    assert facts(stage, asked) == ("degraded", True, False, f"{PLACED} is not what was made")


def test_drift_that_stays_is_told_once_and_makes_one_revision(live: Any) -> None:
    stage, _asked = live()
    shutil.rmtree(folder(stage, "store"))
    looked(stage)
    before = revision(stage)
    looked(stage)
    looked(stage)
    assert (revision(stage), stage.feed(*KINDS)) == (before, [("container.drifted", "1.0.0")])


def test_what_somebody_put_right_is_in_sync_again(live: Any, tmp_path: Path) -> None:
    stage, asked = live()
    place = folder(stage, "store")
    shutil.move(place, tmp_path / "away")
    looked(stage)
    shutil.move(tmp_path / "away", place)
    looked(stage)
    assert facts(stage, asked) == SOUND
    assert stage.feed(*KINDS) == [("container.drifted", "1.0.0"), ("container.in_sync", "1.0.0")]


def test_the_past_still_says_that_it_had_drifted(live: Any, tmp_path: Path) -> None:
    stage, asked = live()
    place = folder(stage, "store")
    shutil.move(place, tmp_path / "away")
    looked(stage)
    then = revision(stage)
    shutil.move(tmp_path / "away", place)
    looked(stage)
    old = stage.containers.one(asked.container_id, principal=DEPLOYER, at=then)
    assert old is not None
    assert (old.status, old.resources[0].state, old.observed) == ("degraded", "drifted", None)


# --- what cannot be seen ----------------------------------------------------------------------------------------------


def test_what_nobody_could_see_twice_is_unknown_never_gone_and_never_repaired(live: Any, moody: Moody) -> None:
    stage, asked = live(drift="repair")
    before = revision(stage)
    moody.unseen = {"store"}
    looked(stage)
    assert (facts(stage, asked), revision(stage)) == (SOUND, before)  # once may be a moment's fault of the way there
    looked(stage)
    why = "moody raised ConnectionError: a bad day"
    assert facts(stage, asked) == ("degraded", True, False, why)
    assert states(stage, asked)[0] == ("store", "unknown", why)
    moody.message = "another bad day"
    looked(stage)
    assert stage.feed(*KINDS, "deployment.requested") == [
        ("deployment.requested", "1.0.0"),
        ("container.unknown", "1.0.0"),
    ]
    moody.unseen = set()
    looked(stage)
    assert facts(stage, asked) == SOUND


def test_nothing_is_repaired_while_a_part_of_it_cannot_be_seen(live: Any, moody: Moody) -> None:
    stage, asked = live(drift="repair")
    moody.unseen = {"store"}
    shutil.rmtree(folder(stage, "placed"))
    looked(stage)
    looked(stage)
    assert [one[1] for one in states(stage, asked)] == ["unknown", "ready", "drifted"]
    assert stage.container(asked.container_id)["deployment_id"] == asked.deployment_id


def test_an_adapter_that_is_not_there_any_more_makes_it_unknown(live: Any, staged: Callable[..., Stage]) -> None:
    stage, asked = live()
    without = staged()  # the same store, in an installation without that adapter
    looked(without)
    looked(without)
    assert {one[1] for one in states(stage, asked)} == {"unknown"}
    assert facts(stage, asked)[1:3] == (True, False)


# --- when it is looked, and who looks ---------------------------------------------------------------------------------


def test_nobody_looks_while_a_deployment_is_at_it_and_then_they_do(live: Any, moody: Moody) -> None:
    stage, asked = live()
    moody.halted = "fill"
    with stage.working():
        again = stage.ask("1.1.0")
        assert moody.here.wait(60)
        moody.looked.clear()
        looked(stage)
        assert moody.looked == []
        with pytest.raises(ContainerUnsettled, match="updating"):
            wished(stage, asked)
        moody.go_on.set()
        stage.ended(again.deployment_id)
    looked(stage)
    assert facts(stage, asked) == SOUND


def test_a_look_during_which_a_deployment_began_is_thrown_away(live: Any, moody: Moody) -> None:
    stage, asked = live()
    shutil.rmtree(folder(stage, "store"))
    due(stage)
    here, go_on, see = threading.Event(), threading.Event(), moody.observe

    def slowly(ref: dict[str, Any]) -> dict[str, Any]:
        seen = see(ref)
        here.set()
        assert go_on.wait(60)
        return seen

    moody.observe = slowly  # type: ignore[method-assign]
    one = observer(stage)
    one.once()
    assert here.wait(60)
    stage.ask("1.1.0")
    go_on.set()
    while one.once():
        pass
    assert (facts(stage, asked)[0], states(stage, asked)[0][1]) == ("updating", "ready")
    assert stage.feed(*KINDS) == []


def test_of_many_workers_one_looks_at_each_container(live: Any, moody: Moody, staged: Callable[..., Stage]) -> None:
    stage, _asked = live()
    for name in ("bills", "claims", "drinks"):
        stage.accept(document(name=name))
        with stage.working():
            stage.ended(stage.ask(name=name).deployment_id)
    moody.looked.clear()
    due(stage)
    workers = [observer(stage) for _ in range(4)]
    begun = threading.Barrier(4)

    def work(one: Observer) -> None:
        begun.wait(30)
        while one.once():
            pass

    threads = [threading.Thread(target=work, args=(one,)) for one in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(moody.looked) == sorted(["store", "fill", "placed"] * 4)


def test_the_claim_of_a_dead_worker_runs_out(live: Any, moody: Moody) -> None:
    stage, _asked = live()
    due(stage)
    assert len(stage.looks.claim("dead", limit=9, seconds=-1.0)) == 1
    assert stage.looks.claim("other", limit=9, seconds=60.0)
    assert stage.looks.claim("third", limit=9, seconds=60.0) == []
    stage.looks.free_all()
    assert stage.looks.claim("third", limit=9, seconds=60.0)


def test_containers_that_began_together_are_looked_at_at_different_times(live: Any) -> None:
    stage, asked = live(observe_seconds=1000.0)
    times = set()
    for _ in range(4):
        looked(stage)
        observed = when(stage, asked)
        assert observed.observed_at is not None
        seconds = (observed.next_at - observed.observed_at).total_seconds()
        assert 899 <= seconds <= 1101
        times.add(round(seconds, 3))
    assert len(times) > 1


def test_an_environment_that_is_not_observed_is_looked_at_only_when_somebody_asks(live: Any, moody: Moody) -> None:
    stage, asked = live(observe_seconds=None)
    looked(stage)
    assert moody.looked == []
    wish = wished(stage, asked)["wish"]
    one = observer(stage)
    while one.once():
        pass
    assert (wish, moody.looked) == (1, ["store", "fill", "placed"])


def test_a_shorter_interval_holds_from_the_next_start_on(live: Any) -> None:
    stage, asked = live()
    stage.looks.settle({"dev": 1.0, "prod": 1.0})
    before = when(stage, asked).next_at
    stage.looks.settle({"prod": 0.001})
    assert when(stage, asked).next_at == before
    claimed = wait_for(lambda: stage.looks.claim("one", limit=1, seconds=60), "the time", seconds=10)
    assert claimed[0].container_id == asked.container_id


def test_an_adapter_without_a_place_for_another_call_is_asked_later(live: Any, moody: Moody) -> None:
    stage, asked = live()
    due(stage)
    gates = Gates(1, patience=0.01)
    with gates.through("moody") as free:
        assert free
        one = observer(stage, gates=gates)
        while one.once():
            pass
    assert (moody.looked, stage.container(asked.container_id)["observed"]["at"]) == ([], None)
    looked(stage)
    assert len(moody.looked) == 3


def test_a_look_costs_the_same_few_statements_for_any_number_of_containers(live: Any) -> None:
    stage, _asked = live()

    def statements() -> int:
        due(stage)
        one = observer(stage)
        with sent(stage.database) as told:
            assert one.once()
            while one._under_way:
                one._write_done()
        return len([text for text in told if not text.startswith(("BEGIN", "SET"))])

    few = statements()
    for name in ("bills", "claims", "drinks", "eggs"):
        stage.accept(document(name=name))
        with stage.working():
            stage.ended(stage.ask(name=name).deployment_id)
    assert statements() - few <= 4  # one more write for each round in which a look ends by itself
    assert few <= 7


# --- on demand --------------------------------------------------------------------------------------------------------


def wished(stage: Stage, asked: Requested, **more: Any) -> dict[str, Any]:
    told: Any = {"principal": DEPLOYER, "database": stage.database, "containers": stage.containers, **more}
    told.setdefault("sets", AccessSets(stage.database))
    return observe(asked.container_id, **told)


def test_who_asks_for_a_look_hears_when_it_was_done(live: Any) -> None:
    stage, asked = live()
    told = wished(stage, asked)
    assert (told["wish"], told["observed"]["answered"]) == (1, 0)
    one = observer(stage)
    while one.once():
        pass
    assert stage.container(asked.container_id)["observed"]["answered"] == 1


def test_a_wish_during_a_look_is_fulfilled_by_another_one(live: Any, moody: Moody) -> None:
    stage, asked = live()
    due(stage)
    (claim,) = stage.looks.claim("one", limit=9, seconds=60)
    told = wished(stage, asked)
    stage.looks.seen([Looked(claim, 300.0)], "one")
    observed = stage.container(asked.container_id)["observed"]
    assert (told["wish"], observed["answered"]) == (1, 0)
    one = observer(stage)
    while one.once():
        pass
    assert stage.container(asked.container_id)["observed"]["answered"] == 1


def test_a_look_that_was_asked_for_tells_at_once_what_it_cannot_see(live: Any, moody: Moody) -> None:
    stage, asked = live()
    moody.unseen = {"store"}
    wished(stage, asked)
    one = observer(stage)
    while one.once():
        pass
    assert states(stage, asked)[0][1] == "unknown"


def test_only_who_may_deploy_may_have_it_looked_at_and_only_what_is_there(live: Any) -> None:
    stage, asked = live()
    with pytest.raises(Forbidden):
        wished(stage, asked, principal=Principal("rita", frozenset({"reader"})))
    with pytest.raises(Forbidden):
        wished(stage, asked, principal=Principal("fred", frozenset({"deployer"}), frozenset({"finance"})))
    with pytest.raises(NotFound):
        wished(stage, Requested("none", "none", Standing.LIVE))
    with stage.working():
        stage.ended(stage.retire(asked.container_id).deployment_id)
    with pytest.raises(ContainerUnsettled, match="retired"):
        wished(stage, asked)
    assert stage.container(asked.container_id)["observed"] is None


# --- repairs ----------------------------------------------------------------------------------------------------------


def repaired(stage: Stage, asked: Requested) -> dict[str, Any]:
    """The deployment that the last look began, once it has ended."""
    deployment = stage.container(asked.container_id)["deployment_id"]
    with stage.working():
        return stage.ended(deployment)


def test_what_drifted_is_reported_and_left_alone_unless_its_environment_says_otherwise(live: Any) -> None:
    stage, asked = live()
    shutil.rmtree(folder(stage, "placed"))
    looked(stage)
    assert stage.container(asked.container_id)["deployment_id"] == asked.deployment_id


def test_a_repair_deploys_the_same_version_again_and_touches_only_what_drifted(live: Any, moody: Moody) -> None:
    stage, asked = live(drift="repair")
    shutil.rmtree(folder(stage, "placed"))
    looked(stage)
    done = repaired(stage, asked)
    assert (done["state"], done["version"], done["generation"], done["cause"]) == ("succeeded", "1.0.0", 2, "drift")
    assert [one["action"] for one in done["plan"]["actions"]] == ["noop", "noop", "create"]
    assert moody.calls == ["placed 2"]
    assert done["decision_id"] != stage.deployment(asked.deployment_id)["decision_id"]
    assert (facts(stage, asked), done["principal"]) == (SOUND, "meshgate.worker")
    assert stage.events(done["id"])[0].details["cause"] == "drift"


def test_what_depends_on_what_drifted_is_made_again_with_it(live: Any, moody: Moody) -> None:
    stage, asked = live(drift="repair")
    shutil.rmtree(folder(stage, "store"))
    looked(stage)
    assert repaired(stage, asked)["state"] == "succeeded"
    assert moody.calls == ["store 2", "fill 2", "placed 2"]


def test_what_drifts_again_is_repaired_after_a_pause_and_only_so_often_a_day(live: Any) -> None:
    stage, asked = live(drift="repair", repairs_per_day=2)
    for generation in (2, 3):
        shutil.rmtree(folder(stage, "placed"))
        looked(stage, repairs=True)
        assert repaired(stage, asked)["generation"] == generation
    shutil.rmtree(folder(stage, "placed"))
    looked(stage)  # before its pause is over
    looked(stage, repairs=True)
    looked(stage, repairs=True)
    told = "it was repaired 2 times today and drifted again"
    assert stage.container(asked.container_id)["observed"]["unrepaired"] == told
    assert facts(stage, asked)[0] == "degraded"
    assert stage.feed("container.unrepaired", "deployment.requested") == [
        *[("deployment.requested", "1.0.0")] * 3,
        ("container.unrepaired", "1.0.0"),
    ]


def test_the_pauses_between_repairs_grow_and_a_new_day_begins_anew(live: Any) -> None:
    stage, asked = live()

    def repair(day: str) -> int | None:
        return stage.looks.may_repair(asked.container_id, day=day, budget=2, first=1000.0)

    def pause() -> float:
        with stage.database.reading() as connection:
            left = LOOK.c.repair_at - clock.seconds(stage.database.dialect)
            return float(connection.execute(select(left)).scalar_one())

    assert (repair("2026-11-23"), round(pause() / 1000)) == (1, 1)
    assert repair("2026-11-23") is None
    due(stage, repairs=True)
    assert (repair("2026-11-23"), round(pause() / 1000)) == (2, 4)
    due(stage, repairs=True)
    with pytest.raises(BudgetSpent):
        repair("2026-11-23")
    assert repair("2026-11-24") == 1


def test_without_a_clearance_of_now_nothing_is_repaired_and_that_is_told_once(live: Any) -> None:
    stage, asked = live(drift="repair")
    stage.engine = InMemoryEngine({POLICY: lambda shown: [{"code": "shut", "msg": "nothing goes", "path": ["info"]}]})
    shutil.rmtree(folder(stage, "placed"))
    looked(stage, repairs=True)
    looked(stage, repairs=True)
    observed = stage.container(asked.container_id)["observed"]
    assert observed["unrepaired"] == f"{LINE} 1.0.0 has no clearance for dev: nothing goes"
    assert stage.feed("container.unrepaired") == [("container.unrepaired", "1.0.0")]
    assert stage.container(asked.container_id)["deployment_id"] == asked.deployment_id


def test_a_repair_that_fails_leaves_a_degraded_container_and_is_tried_again_after_its_pause(
    live: Any, moody: Moody
) -> None:
    stage, asked = live(drift="repair")
    shutil.rmtree(folder(stage, "placed"))
    moody.failures["placed"] = ["QUOTA"] * 2  # on the way there and on the way back
    looked(stage)
    assert repaired(stage, asked)["state"] == "failed_dirty"
    assert facts(stage, asked)[:3] == ("degraded", False, False)
    looked(stage)  # before its pause is over
    assert len(stage.feed("deployment.requested")) == 2
    looked(stage, repairs=True)
    assert (repaired(stage, asked)["state"], facts(stage, asked)) == ("succeeded", SOUND)


def test_asking_for_the_live_version_again_repairs_what_drifted(live: Any, moody: Moody) -> None:
    stage, asked = live()
    assert stage.ask().standing is Standing.LIVE
    shutil.rmtree(folder(stage, "placed"))
    looked(stage)
    with stage.working():
        again = stage.ask()
        assert again.standing is Standing.STARTED
        assert stage.ended(again.deployment_id)["state"] == "succeeded"
    assert (moody.calls, facts(stage, asked)) == (["placed 2"], SOUND)
