"""Is a deployment judged by what it is really about to do, and does its clearance hold until then?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import make
import pytest
from deploy_stage import POLICY, Stage, document
from inline_durable import Inline, inline, work
from sqlalchemy import text

from api.flows.deploying.waking import wake
from catalog.deployable import deployable
from catalog.rescans import Order as RescanOrder
from catalog.rescans import RescanBook
from catalog.standings import Judged, Standings, State
from engine.decide import decide
from engine.errors import NotCleared, PlanInvalid
from engine.model import Principal
from engine.policy.in_memory import InMemoryEngine
from engine.provision.pace import Pace

LINE = "urn:dpds:org.example:dataproducts:orders:1"
SAM = Principal("sam", frozenset({"operator"}))

Plan = Mapping[str, Any]


def judging(stage: Stage, finds: Callable[[Plan], bool] = lambda plan: False) -> list[Plan]:
    """Let the policy find fault with plans; gives those that it was shown."""
    plans: list[Plan] = []

    def rule(shown: Mapping[str, Any]) -> list[dict[str, Any]]:
        if shown["_context"]["event"] != "deploy":
            assert "plan" not in shown["_context"]
            return []
        plans.append(shown["_context"]["plan"])
        return [{"code": "no", "msg": "not so", "path": ["info"]}] if finds(plans[-1]) else []

    stage.engine = InMemoryEngine({POLICY: rule})
    return plans


@pytest.fixture
def turned(stage: Stage) -> Stage:
    """A stage with two versions, whose turns are carried out where a test says so."""
    inline(stage)
    stage.accept(document())
    stage.accept(document("1.1.0"))
    return stage


def deployed(stage: Stage, version: str = "1.0.0", **more: Any) -> dict[str, Any]:
    asked = stage.ask(version, **more)
    work(stage)
    return stage.deployment(asked.deployment_id)


def decisions(stage: Stage) -> list[tuple[str, str]]:
    query = "SELECT outcome, id FROM decision WHERE event = 'deploy' ORDER BY from_revision"
    with stage.database.reading() as connection:
        return [(row.outcome, row.id) for row in connection.execute(text(query))]


def change_by_hand(stage: Stage) -> None:
    for one in stage.folder.glob("dev/*/*/component.json"):
        one.write_text("{}")


def actions(plan: Plan) -> list[tuple[str, str]]:
    return [(one["action"], one["component"]["name"]) for one in plan["actions"]]


def updates(plan: Plan) -> bool:
    return any(one["action"] == "update" for one in plan["actions"])


def test_policies_see_what_a_deployment_would_do(turned: Stage) -> None:
    plans = judging(turned)
    found = deployed(turned)
    assert found["state"] == "succeeded"
    assert actions(plans[0]) == [("create", "store"), ("create", "fill"), ("create", "placed")]
    assert plans[0]["digest"] == found["plan"]["digest"]
    assert plans[0]["actions"][0] == {
        "action": "create",
        "reason": "nothing is there",
        "adapter": "local-fs",
        "destructive": False,
        "data": "",
        "component": {
            "fqn": f"{LINE}:infrastructure:store",
            "kind": "infrastructure",
            "name": "store",
            "platform": "local:files",
            "type": "storage-resource",
        },
    }
    assert (plans[0]["environment"], plans[0]["notes"]) == ("dev", [])


def test_what_a_policy_finds_in_the_plan_clears_nothing(turned: Stage) -> None:
    judging(turned, lambda plan: bool(plan["actions"]))
    with pytest.raises(NotCleared):
        turned.ask()
    assert turned.feed() == []


def test_a_plan_that_is_as_it_was_foreseen_is_confirmed_and_not_logged_again(turned: Stage) -> None:
    found = deployed(turned)
    assert decisions(turned) == [("accepted", found["decision_id"])]


def test_a_plan_that_is_another_than_foreseen_is_judged_and_logged_before_it_is_carried_out(turned: Stage) -> None:
    deployed(turned)
    plans = judging(turned)
    change_by_hand(turned)
    found = deployed(turned, "1.1.0")
    assert [updates(one) for one in plans] == [False, True]
    assert found["state"] == "succeeded"
    assert [outcome for outcome, _ in decisions(turned)] == ["accepted"] * 3
    assert decisions(turned)[-1][1] == found["decision_id"]


def test_a_real_plan_that_policies_refuse_changes_nothing(turned: Stage) -> None:
    deployed(turned)
    before = turned.containers.page(principal=SAM).items[0]
    judging(turned, updates)
    change_by_hand(turned)
    found = deployed(turned, "1.1.0")
    assert (found["state"], found["error_class"], found["reason"]) == ("rejected", "not-cleared", "not so")
    assert decisions(turned)[-1] == ("rejected", found["decision_id"])
    after = turned.containers.page(principal=SAM).items[0]
    assert after[7:10] == before[7:10]  # status, version, digest
    assert [kind for kind, _ in turned.feed()][-1] == "deployment.rejected"
    assert all(one.read_text() == "{}" for one in turned.folder.glob("dev/*/*/component.json"))


def test_rules_that_are_harder_by_the_time_of_the_turn_hold(turned: Stage) -> None:
    asked = turned.ask()
    judging(turned, lambda plan: True)
    work(turned)
    found = turned.deployment(asked.deployment_id)
    assert (found["state"], found["error_class"]) == ("rejected", "not-cleared")
    assert turned.container(asked.container_id)["status"] == "released"


def test_a_version_that_is_withdrawn_meanwhile_is_not_deployed(turned: Stage) -> None:
    asked = turned.ask()
    with turned.database.work(SAM) as unit:
        unit.versions.set_status(make.identity(version="1.0.0"), "withdrawn", reason="wrong numbers")
        unit.commit()
    work(turned)
    found = turned.deployment(asked.deployment_id)
    assert (found["state"], found["reason"]) == ("rejected", "the version is withdrawn")


def rescanned(stage: Stage, version: str, state: State, at: datetime) -> str:
    """A rescan finds out this about the version; gives its decision."""
    subject = deployable(stage.database, LINE, version, principal=SAM)
    made = decide(
        make.descriptor(document(version)),
        facts=make.facts(),
        bundle=stage.bundle,
        governance=stage.governance,
        engine=InMemoryEngine({POLICY: lambda shown: []}),
    )
    with stage.database.work(SAM) as unit:
        unit.head()
        unit.decisions.add(made, {"file": "dp.json"})
        order = RescanOrder("all", "asked", ("", "", "", ""), {}, "2026-11-23T00:00:00Z", [subject.identity.id], 0)
        told = (
            subject.identity.id,
            LINE,
            subject.version_id,
            version,
            "sales",
            state,
            State.COMPLIANT,
            made.id,
            at,
            {},
        )
        Standings(unit).set([Judged(*told)], rescan=RescanBook(unit).open(order), cursor=0)
        unit.commit()
    return made.id


@pytest.mark.parametrize(
    ("state", "later", "ends"),
    [
        (State.NON_COMPLIANT, 1, "rejected"),
        (State.COMPLIANT, 1, "succeeded"),
        (State.NON_COMPLIANT, -1, "succeeded"),
    ],
)
def test_only_a_later_rejection_of_the_version_takes_its_clearance_away(
    turned: Stage, state: State, later: int, ends: str
) -> None:
    asked = turned.ask("1.1.0")
    decision = rescanned(turned, "1.1.0", state, datetime.now(UTC) + timedelta(hours=later))
    work(turned)
    found = turned.deployment(asked.deployment_id)
    assert found["state"] == ends
    assert (decision in found["reason"]) == (ends == "rejected")


def woken(stage: Stage) -> None:
    """One turn of what is due now."""
    durable = stage.worker
    assert isinstance(durable, Inline)
    while not durable.waiting:
        wake(stage.database, durable)  # type: ignore[arg-type]


def test_an_engine_that_is_away_means_that_nothing_is_done_yet(turned: Stage) -> None:
    from api.flows.carry_out import carry_out

    asked = turned.ask()
    good, broken = turned.engine, InMemoryEngine({})
    broken.close()
    turned.engine = broken
    for _ in range(2):
        woken(turned)
        carry_out(turned.worker.waiting.pop(), lambda name, action: action(), site=turned.site)  # type: ignore[attr-defined]
        found = turned.deployment(asked.deployment_id)
        assert (found["state"], found["waiting"]["for"]) == ("planning", "retry")
        assert found["waiting"]["reason"].startswith("TRANSIENT: not judged yet: ")
    assert not turned.folder.exists()
    turned.engine = good
    woken(turned)
    work(turned)
    assert turned.deployment(asked.deployment_id)["state"] == "succeeded"
    assert len(decisions(turned)) == 1


def test_an_engine_that_stays_away_fails_the_deployment_in_its_time(staged: Callable[..., Stage]) -> None:
    stage = staged(deadline_seconds=1e-9, pace=Pace(first=0.001, most=0.001))
    inline(stage)
    stage.accept(document())
    asked = stage.ask()
    stage.engine.close()
    work(stage)
    found = stage.deployment(asked.deployment_id)
    assert (found["state"], found["error_class"]) == ("failed_clean", "TIMEOUT")
    assert stage.container(asked.container_id)["status"] == "released"


def test_what_was_relied_on_and_changed_while_it_was_judged_is_judged_again(turned: Stage) -> None:
    reads = {"name": "in", "version": "1.0.0", "dependsOn": f"{LINE}:outputports:placed"}
    faces = {"inputPorts": [reads], "outputPorts": document()["interfaceComponents"]["outputPorts"]}
    asked, consumers = turned.ask(), []

    def rule(shown: Mapping[str, Any]) -> list[dict[str, Any]]:
        if shown["_context"]["event"] == "deploy":
            consumers.append(len(shown["_context"]["mesh"]["consumers"]))
            if len(consumers) == 1:
                turned.accept(document(name="reader", interfaceComponents=faces))
        return []

    turned.engine = InMemoryEngine({POLICY: rule})
    work(turned)
    while turned.deployment(asked.deployment_id)["state"] != "succeeded":
        woken(turned)
        work(turned)
    assert consumers == [0, 1]


def test_what_cannot_be_planned_is_refused_before_anything_begins(turned: Stage) -> None:
    store = {"name": "store", "version": "1.0.0", "platform": "local:files", "infrastructureType": "storage-resource"}
    circle = [{**store, "name": one, "dependsOn": [f"{LINE}:infrastructure:{other}"]} for one, other in ("ab", "ba")]
    content = document("1.2.0")
    content["internalComponents"] = {**content["internalComponents"], "infrastructuralComponents": circle}
    subject = deployable(turned.database, LINE, "1.1.0", principal=SAM)
    assert subject.effective != content
    with turned.database.writing() as connection:  # a cycle does not pass submission
        packed = make_effective(content)
        connection.execute(
            text("UPDATE version SET effective = :packed WHERE id = :id"), {"packed": packed, "id": subject.version_id}
        )
        connection.commit()
    with pytest.raises(PlanInvalid, match="depend on each other"):
        turned.ask("1.1.0")
    assert turned.feed() == []
    assert decisions(turned) == []


def make_effective(content: Mapping[str, Any]) -> Any:
    import orjson

    from catalog.tables.columns import PackedBytes

    return PackedBytes().process_bind_param(orjson.dumps(content), None)  # type: ignore[arg-type]


def test_the_only_plan_that_is_wanted_is_the_only_one_that_is_carried_out(turned: Stage) -> None:
    wrong = deployed(turned, plan=f"sha256:{'0' * 64}")
    assert (wrong["state"], wrong["error_class"]) == ("rejected", "plan-moved")
    assert not turned.folder.exists()
    plans = judging(turned, lambda plan: True)
    with pytest.raises(NotCleared):
        turned.ask()
    judging(turned)
    found = deployed(turned, plan=plans[-1]["digest"])
    assert (found["state"], found["pinned"]) == ("succeeded", found["plan"]["digest"])


def test_deploying_twice_changes_nothing(turned: Stage) -> None:
    first = deployed(turned)
    times = {one: one.stat().st_mtime_ns for one in turned.folder.glob("dev/*/*/*")}
    assert turned.ask().deployment_id == first["id"]
    again = deployed(turned, "1.1.0")
    assert {one["action"] for one in again["plan"]["actions"]} == {"noop"}
    assert {one: one.stat().st_mtime_ns for one in turned.folder.glob("dev/*/*/*")} == times
