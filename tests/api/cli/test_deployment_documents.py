"""Is every JSON document about deployments and containers what its schema says, however a deployment ends?"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from bad_days import BadDays, served
from commands import Ended
from deploy_stage import wait_for
from published import faults, told

from api.cli import schema
from api.cli.schema import Kind

SHARED = ("container", "containers", "deployment", "deployments", "deployment-event", "deployment-events")


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BadDays]:
    with served(tmp_path_factory.mktemp("served")) as days:
        yield days


def ended(found: Ended, code: int, kind: str = "deployment") -> Any:
    assert found.code == code, found.err
    return told(found, kind)


def test_a_first_deployment_its_plan_and_its_container_are_told(days: BadDays) -> None:
    days.accept("first")
    plan = ended(days.run("deploy", "first", "--plan", "--json"), 0, "plan")
    assert [one["action"] for one in plan["plan"]["actions"]] == ["create", "create"]
    done = ended(days.run("deploy", "first", "--json"), 0)
    assert (done["state"], len(done["resources"]), done["back"]) == ("succeeded", 2, None)
    assert ended(days.run("deploy", "first", "--json"), 0) == done
    held = ended(days.run("containers", "observe", done["container_id"], "--json"), 0, "container")
    assert (held["status"], "wish" in held) == ("active", False)
    asked = ended(days.run("containers", "observe", done["container_id"], "--no-wait", "--json"), 0, "container")
    assert asked["wish"] == held["observed"]["answered"] + 1
    past = ended(days.run("containers", "--as-of", done["at"], "--json"), 0, "containers")
    assert held["id"] in [one["id"] for one in past["containers"]]
    gone = ended(days.run("retire", held["id"], "--json"), 0)
    assert (gone["action"], gone["decision_id"], gone["plan"]["actions"][0]["action"]) == ("retire", None, "delete")
    every = ended(days.run("containers", "--all", "--json"), 0, "containers")["containers"]
    assert {"retired"} == {one["status"] for one in every if one["id"] == held["id"]}


def test_events_are_told_one_a_line(days: BadDays) -> None:
    days.accept("lines")
    days.is_in("refused", "lines")
    followed = days.run("deploy", "lines", "--follow", "--json")
    assert followed.code == 1, followed.err
    events = [json.loads(line) for line in followed.out.splitlines()]
    assert [why for one in events for why in faults(one, "deployment-event")] == []
    assert {one["kind"] for one in events} == {"requested", "state", "planned", "begun", "resource"}
    (last,) = ended(days.run("deployments", "--limit", "1", "--json"), 0, "deployments")["deployments"]
    again = days.run("deployments", "follow", last["id"], "--after", "4", "--json")
    assert [json.loads(line) for line in again.out.splitlines()] == events[4:]


def test_what_failed_tells_its_resources_and_what_undid_it(days: BadDays) -> None:
    days.accept("fails")
    days.is_in("refused", "fails")
    clean = ended(days.run("deploy", "fails", "--json"), 1)
    assert (clean["state"], clean["error_class"]) == ("failed_clean", "QUOTA")
    assert (clean["back"]["actions"][0]["action"], {one["state"] for one in clean["resources"]}) == (
        "delete",
        {"deleted"},
    )
    days.is_in("stuck", "fails")
    dirty = ended(days.run("deploy", "fails", "--json"), 1)
    assert (dirty["state"], "failed" in [one["state"] for one in dirty["resources"]]) == ("failed_dirty", True)
    assert days.container("fails")["status"] == "needs_cleanup"
    left = ended(days.run("retire", dirty["container_id"], "--abandon", "gone with the disk", "--json"), 0, "container")
    assert (left["status"], left["reason"]) == ("retired", "abandoned by local: gone with the disk")


def test_what_waits_is_told_with_what_it_waits_for(days: BadDays) -> None:
    days.accept("waits")
    days.is_in("slow", "waits")
    waiting = days.begun("waits", "applying")

    def seen() -> Any:  # nothing while its adapter is just being asked again
        listed = ended(days.run("deployments", "--json"), 0, "deployments")["deployments"]
        return next((one for one in listed if one["id"] == waiting and one["waiting"]), None)

    one = wait_for(seen, "what it waits for")
    assert (one["waiting"]["for"], one["waiting"]["percent"], one["waiting"]["message"]) == ("operation", 40, "copying")
    stopped = ended(days.run("cancel", waiting, "--reason", "too slow", "--json"), 0)
    assert (stopped["state"], stopped["reason"], stopped["waiting"]) == ("cancelled_clean", "too slow", None)


def test_what_people_are_asked_about_is_told(days: BadDays) -> None:
    days.accept("asked")
    asked = ended(days.run("deploy", "asked", "-e", "prod", "--json"), 2)
    assert (asked["state"], asked["asks"]) == ("awaiting_approval", "approval")
    assert ended(days.run("approve", asked["id"], "--json"), 2)["plan"] == asked["plan"]
    no = ended(days.run("reject", asked["id"], "--reason", "not yet", "--json"), 0)
    assert (no["state"], no["approved_by"]) == ("rejected", "")
    for version, job in (("1.0.0", True), ("1.1.0", False)):
        days.accept("asked", version, job=job)
        found = days.run("deploy", "asked", version, "--json")
    consent = ended(found, 2)
    assert (consent["asks"], consent["plan"]["actions"][-1]["destructive"]) == ("consent", True)
    yes = ended(days.run("approve", consent["id"], "--plan", consent["plan"]["digest"], "--json"), 0)
    assert (yes["approved_by"], yes["approved_plan"]) == ("local", consent["plan"]["digest"])


def test_what_is_adopted_is_told(days: BadDays) -> None:
    days.accept("adopts", job=False)
    made = ended(days.run("deploy", "adopts", "--json"), 0)
    (port,) = made["resources"]
    shutil.rmtree(port["outputs"]["directory"])
    (days.terminal.data_dir / "containers" / "legacy").mkdir()
    drifted = ended(days.run("containers", "observe", made["container_id"], "--json"), 1, "container")
    assert (drifted["in_sync"], drifted["resources"][0]["state"]) == (False, "drifted")
    held = ended(days.run("adopt", made["container_id"], port["resource_id"], "legacy", "--json"), 0, "container")
    assert (held["in_sync"], held["resources"][0]["state"]) == (True, "ready")


@pytest.mark.parametrize(
    "words",
    [
        ("deploy", "nobody"),
        ("deploy", "refused", "9.9.9"),
        ("deploy", "refused", "-e", "moon"),
        ("deploy", "refused", "--plan", "-e", "moon"),
        ("deploy", "refused", "--follow", "-e", "moon"),
        ("cancel", "none"),
        ("approve", "none"),
        ("reject", "none", "--reason", "no"),
        ("retire", "none"),
        ("retire", "none", "--abandon", "gone"),
        ("adopt", "none", "none", "legacy"),
        ("containers", "observe", "none"),
        ("deployments", "follow", "none"),
    ],
    ids=" ".join,
)
def test_what_is_refused_prints_no_document(days: BadDays, words: tuple[str, ...]) -> None:
    days.accept("refused", job=False)
    found = days.run(*words, "--json")
    assert (found.code, found.out, "[not-found]" in found.err) == (2, "", True)


def test_what_several_schemas_say_they_say_alike() -> None:
    whole = {kind: json.loads(schema.text(Kind(kind))) for kind in SHARED}
    said: dict[str, list[Any]] = {}
    for one in whole.values():
        for name, part in one["$defs"].items():
            said.setdefault(name, []).append(part)
    assert [name for name, parts in said.items() if any(part != parts[0] for part in parts)] == []
    one, listed = whole["container"]["properties"], whole["containers"]["$defs"]["container"]["properties"]
    assert {name: one[name] for name in one if name not in ("schema", "wish")} == listed
    one, listed = whole["deployment"]["properties"], whole["deployments"]["$defs"]["deployment"]["properties"]
    assert {name: one[name] for name in one if name not in ("schema", "plan", "back", "resources")} == listed
    one, listed = whole["deployment-event"], whole["deployment-events"]["$defs"]["event"]
    assert {name: one["properties"][name] for name in one["properties"] if name != "schema"} == listed["properties"]
    assert one["allOf"] == listed["allOf"]


def test_the_states_of_the_schemas_are_those_there_are() -> None:
    from engine.provision import events, states

    parts = json.loads(schema.text(Kind.DEPLOYMENT))["$defs"]
    assert parts["deployment_state"]["enum"] == [*states.DeploymentState]
    assert parts["deployment_action"]["enum"] == [*states.DeploymentAction]
    assert parts["resource_state"]["enum"] == [*states.ResourceState]
    assert parts["cause"]["enum"] == [*events.Cause]
    container = json.loads(schema.text(Kind.CONTAINER))["properties"]
    assert container["status"]["enum"] == [*states.ContainerStatus]
    event = json.loads(schema.text(Kind.DEPLOYMENT_EVENT))["properties"]
    assert event["kind"]["enum"] == [*events.EventKind]
