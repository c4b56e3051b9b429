"""Is everything that happens to a deployment told, in order, without a gap and without a secret?"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import make
import pytest
from deploy_stage import DEPLOYER, Stage, document, wait_for
from moody_adapter import Moody, made

from api.flows import happened
from api.flows.cancel import cancel
from api.flows.deploying.site import WORKER
from catalog import happenings
from catalog.happenings import Happening
from catalog.slots import park
from catalog.turns import Pause
from engine.errors import CursorInvalid, NotFound
from engine.policy.environments import Binding
from engine.provision.events import EventKind

STORE = "urn:dpds:org.example:dataproducts:orders:1:infrastructure:store"


@pytest.fixture
def stage(staged: Callable[..., Stage], moody: Moody) -> Stage:
    return made(staged, moody)


def told(events: list[Happening]) -> list[str]:
    """Each event in a word or two."""
    return [" ".join(filter(None, (one.resource.rpartition(":")[2], one.kind, one.state))) for one in events]


def carried_out(stage: Stage, version: str = "1.0.0") -> list[Happening]:
    with stage.working():
        asked = stage.ask(version)
        stage.ended(asked.deployment_id)
    return stage.events(asked.deployment_id)


def test_a_deployment_tells_each_step_in_order(stage: Stage) -> None:
    events = carried_out(stage)
    assert told(events) == [
        "requested queued",
        "state planning",
        "planned",
        "state applying",
        "store begun intent",
        "store resource ready",
        "fill begun intent",
        "fill resource ready",
        "placed begun intent",
        "placed resource ready",
        "state verifying",
        "state succeeded",
    ]
    assert [one.sequence for one in events] == list(range(1, len(events) + 1))
    assert [one.at for one in events] == sorted(one.at for one in events)
    asked = {"action": "deploy", "version": "1.0.0", "environment": "dev", "generation": 1, "cause": "request"}
    assert events[0].details == {**asked, "fqn": STORE.removesuffix(":infrastructure:store"), "principal": "dora"}
    assert events[2].details["actions"][0] == {
        "action": "create",
        "adapter": "moody",
        "destructive": False,
        "reason": "nothing is there",
        "resource": STORE,
    }


def test_another_try_tells_what_blocks_why_and_when_it_is_tried_next(stage: Stage, moody: Moody) -> None:
    moody.failures["store"] = ["TRANSIENT"]
    events = carried_out(stage)
    assert told(events)[4:9] == [
        "store begun intent",
        "store resource failed",
        "store waiting",
        "store begun intent",
        "store resource ready",
    ]
    failed, waits, again = events[5:8]
    assert (failed.error_class, failed.reason) == ("TRANSIENT", "moody: a bad day")
    assert (waits.resource, waits.error_class) == (STORE, "TRANSIENT")
    assert waits.reason == "TRANSIENT: moody: a bad day (try 1 of 3)"
    assert waits.details["for"] == "retry"
    assert waits.details["until"] >= failed.at.isoformat()[:10]
    assert again.details == {"action": "create", "adapter": "moody", "try": 2}


def test_an_operation_that_goes_on_tells_how_far_it_is_and_repeats_nothing(stage: Stage, moody: Moody) -> None:
    moody.slow["store"] = 6
    moody.told = [{"percent": 10, "message": "half asleep"}] * 2 + [{"percent": 60, "message": "awake"}]
    events = carried_out(stage)
    progress = [one for one in events if one.kind == "progress"]
    assert [(one.details["percent"], one.reason, one.resource) for one in progress] == [
        (10, "half asleep", STORE),
        (60, "awake", STORE),
    ]
    waits = [one.reason for one in events if one.kind == "waiting"]
    assert waits == [f"moody goes on with the making of {STORE}"] * 2  # before the first word, and after the last one
    assert told(events)[-1] == "state succeeded"


def test_who_waits_says_which_resource_blocks_and_how_far_it_is(stage: Stage, moody: Moody) -> None:
    asked = stage.ask()
    turn = stage.site.turns.of(asked.deployment_id)
    details = {"resource": STORE, "error_class": "QUOTA", "percent": 40, "message": "copying"}
    park(stage.database, asked.deployment_id, turn, Pause(60, "operation", "it copies", details))
    waits = stage.deployment(asked.deployment_id)["waiting"]
    assert {name: waits[name] for name in details} == details
    assert (waits["for"], waits["reason"]) == ("operation", "it copies")
    assert waits["until"] > stage.deployment(asked.deployment_id)["at"]


def test_the_way_back_is_told_to_its_end(stage: Stage, moody: Moody) -> None:
    moody.failures["fill"] = ["INVALID"]
    events = carried_out(stage)
    assert told(events)[6:] == [
        "fill begun intent",
        "fill resource failed",
        "state failing",
        "planned",
        "state compensating",
        "fill begun deleting",
        "fill resource deleted",
        "store begun deleting",
        "store resource deleted",
        "state failed_clean",
    ]
    assert (events[8].error_class, events[8].reason) == ("INVALID", "moody: a bad day")
    assert [one.details["leg"] for one in events if one.kind == "planned"] == ["forward", "back"]


def test_what_is_not_committed_leaves_neither_an_event_nor_a_gap(stage: Stage) -> None:
    asked = stage.ask()
    with stage.database.work(WORKER) as work:
        work.deployments.change_deployment(asked.deployment_id, state="planning")
        assert happenings.last_of(work.connection, asked.deployment_id).sequence == 2  # type: ignore[union-attr]
    with stage.database.work(WORKER) as work:
        work.deployments.change_deployment(asked.deployment_id, state="failing", reason="no")
        work.commit()
    assert [(one.sequence, one.state) for one in stage.events(asked.deployment_id)] == [(1, "queued"), (2, "failing")]


def test_writers_at_the_same_time_leave_no_gap_and_take_no_number_twice(stage: Stage) -> None:
    asked = stage.ask()
    together = threading.Barrier(8)

    def write(number: int) -> None:
        together.wait(30)
        for step in range(5):
            with stage.database.writing() as connection:
                told = {"reason": f"{number}-{step}", "details": {"leg": "forward", "actions": []}}
                happenings.append(connection, asked.deployment_id, EventKind.PLANNED, make.NOW, **told)
                connection.commit()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    events = stage.events(asked.deployment_id)
    assert [one.sequence for one in events] == list(range(1, 42))
    assert {one.reason for one in events[1:]} == {f"{number}-{step}" for number in range(8) for step in range(5)}


def test_a_reader_goes_on_from_its_number_and_hears_when_it_is_over(stage: Stage) -> None:
    whole = carried_out(stage)
    deployment = stage.containers.deployment_page(principal=DEPLOYER).items[0].id
    read: Any = {"principal": DEPLOYER, "happenings": stage.happenings}
    found: list[Happening] = []
    while True:
        page = happened.events(deployment, len(found), limit=5, **read)
        found += page.events
        assert page.reached == len(found)
        if page.ended:
            break
        assert page.more
    assert found == whole
    assert happened.events(deployment, len(whole), **read).ended
    with pytest.raises(CursorInvalid, match="There is no event 99 yet; the last one is 12"):
        happened.events(deployment, 99, **read)
    with pytest.raises(NotFound):
        happened.events("nobody", **read)


def test_several_streams_are_read_by_one_statement(stage: Stage) -> None:
    first = carried_out(stage)
    second = carried_out(stage, "1.1.0")
    newest, oldest = stage.containers.deployment_page(principal=DEPLOYER).items
    both = stage.happenings.together([newest.id, oldest.id], 3, principal=DEPLOYER, limit=4)
    assert both[oldest.id].events == tuple(first[3:7])
    assert (both[newest.id].events, both[newest.id].more) == (tuple(second[3:7]), True)


def test_cancelling_wakes_who_waits_and_is_told(stage: Stage, moody: Moody) -> None:
    moody.slow["store"] = 10_000
    with stage.working():
        asked = stage.ask()
        wait_for(lambda: "store waiting" in told(stage.events(asked.deployment_id)), "a wait")
        cancel(asked.deployment_id, reason="changed my mind", principal=DEPLOYER, database=stage.database)
        stage.ended(asked.deployment_id)
    events = [one for one in stage.events(asked.deployment_id) if one.kind == "state"]
    assert [(one.state, one.reason) for one in events[-2:]] == [
        ("cancelling", "changed my mind"),
        ("cancelled_clean", "changed my mind"),
    ]


@pytest.mark.parametrize(
    "message",
    [
        "cannot log in as postgresql://owner:hunter2222@db/mesh",
        "password=hunter2222 refused",
        '{"api_key": "hunter2222"}',
        "Authorization: Bearer hunter2222.abc",
        "the key hunter2222 of the configuration is wrong",
    ],
)
def test_no_secret_of_an_adapter_stands_in_events_or_resources(
    staged: Callable[..., Stage], moody: Moody, message: str
) -> None:
    bound = (Binding("moody", configuration={"secret": "hunter2222"}),)
    stage = staged(adapters={"moody": lambda config: moody}, bindings=bound)
    stage.accept(document())
    moody.message, moody.failures["store"] = message, ["TRANSIENT", "INVALID"]
    events = carried_out(stage)
    deployment = stage.deployment(stage.containers.deployment_page(principal=DEPLOYER).items[0].id)
    shown = repr(events) + repr({**deployment, "plan": None, "back": None})
    assert "hunter2222" not in shown
    assert "***" in shown
