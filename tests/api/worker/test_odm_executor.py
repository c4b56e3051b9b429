"""Is an executor of Open Data Mesh driven as it is published, and never given a task twice?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from scripted_odm import Executor
from scripted_server import serving

from api.destinations import Destinations
from api.worker.asking import HttpAsk
from engine.errors import ProvisioningFailed
from engine.provision.adapters.odm_executor import OdmExecutor
from engine.provision.adapters.odm_task import Task
from engine.provision.kit.case import Case
from engine.provision.kit.trying import Kept, tried

HERE = Destinations.of(["127.0.0.0/8"], key="adapter_hosts")
TASK = {"kind": "task", "name": "pipeline", "type": "azure-devops"}
DEFINITION = {
    "name": "pipeline",
    "template": {"specification": "x", "definition": {"projectId": 4, "branch": "main"}},
    "configurations": {
        "params": {
            "bucket": "${store.results.url}",
            "other": "${nobody.results.x}",
            "tag": "v-${build.results.image.tag}",
        }
    },
}
REQUEST: dict[str, Any] = {
    "resource_id": "00000000-0000-4000-8000-000000000001",
    "generation": 1,
    "environment": "dev",
    "container": {
        "id": "00000000-0000-4000-8000-000000000002",
        "product": "p",
        "domain": "d",
        "name": "n",
        "major": 1,
        "version": "1.0.0",
    },
    "component": {"fqn": "pipeline", **TASK},
    "definition": DEFINITION,
    "resolved": {
        "urn:dpds:x:dataproducts:n:1:infrastructure:store": {"url": "s3://b"},
        "urn:dpds:x:dataproducts:n:1:tasks:build:image": {"tag": "a7", "layers": [1, 2]},
        "urn:dpds:x:dataproducts:n:1:tasks:build:docs": {},
    },
    "config": {},
}


@pytest.fixture
def executor() -> Iterator[Executor]:
    with serving(Executor()) as script:
        assert isinstance(script, Executor)
        yield script


def bridge(executor: Executor, *, told: Any = None, **config: Any) -> OdmExecutor:
    more = {} if told is None else {"told": told}
    return OdmExecutor({"address": executor.address, "seconds": 1.0, **config}, ask=HttpAsk(HERE), **more)


def refused(call: Any) -> str:
    """The class of the error with which a call ends, by an exception or in its outcome."""
    try:
        outcome = call()
    except ProvisioningFailed as error:
        return str(error.context["error_class"])
    return str(outcome["error"]["class"])


def followed(made: OdmExecutor, pending: dict[str, Any], looks: int = 5) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for _ in range(looks):
        told = made.poll(pending["operation"])
        if told["state"] != "running":
            break
    return told


def test_the_bridge_keeps_every_promise_that_it_can_and_says_why_it_cannot_keep_the_others(executor: Executor) -> None:
    made = partial(bridge, executor, seconds=20)
    results = list(tried(Case("odm-executor", made, TASK, (DEFINITION, {**DEFINITION, "configurations": {"n": 2}}))))
    assert [one for one in results if one.kept is Kept.BROKEN] == []
    assert [one.reason for one in results if one.kept is Kept.SKIPPED] == [
        "it has not the capability observe",
        "it has not the capability fence, and says so",
        "it has not the capability fence, and says so",
        "it has not the capability observe",
        "it has not the capability access, and says so",
        "it has not the capability inventory",
        *["it has not the capability adopt"] * 3,
        "it has not the capability build",
    ]


def test_a_task_travels_as_json_in_strings_with_the_context_and_the_secrets_in_headers(executor: Executor) -> None:
    request = {**REQUEST, "secrets": {"gitlab-token": "s3cret"}, "callback": "http://127.0.0.1:1/v1/callbacks/x"}
    pending = bridge(executor).apply(request)
    (body,) = executor.began
    assert body["id"] == Task.read(pending["operation"]).id
    assert 0 < body["id"] < 2**53
    assert (body["name"], body["callbackRef"]) == ("pipeline", request["callback"])
    assert json.loads(body["template"]) == {"projectId": 4, "branch": "main"}
    configurations = json.loads(body["configurations"])
    assert configurations["params"] == {"bucket": "s3://b", "other": "${nobody.results.x}", "tag": "v-a7"}
    results = {"image": {"tag": "a7", "layers": [1, 2]}, "docs": {}}
    assert configurations["context"] == {
        "store": {"status": "PROCESSED", "results": {"url": "s3://b"}},
        "build": {"status": "PROCESSED", "results": results},
    }
    assert executor.headers[-1]["x-odm-gitlab-token"] == "s3cret"
    assert "s3cret" not in json.dumps(body) + pending["operation"]


@pytest.mark.parametrize(
    ("ends", "state"), [("PROCESSED", "succeeded"), ("FAILED", "failed"), ("ABORTED", "cancelled")]
)
def test_each_status_of_a_task_is_a_state_of_the_operation(executor: Executor, ends: str, state: str) -> None:
    executor.ends, made = ends, bridge(executor)
    pending = made.apply(REQUEST)
    assert made.poll(pending["operation"])["state"] == "running"
    assert made.poll(pending["operation"])["state"] == state
    assert made.cancel(pending["operation"])["state"] == state


@pytest.mark.parametrize("mood", ["drop", "fail", "hang", "drip", "garbage", "huge"])
def test_whatever_becomes_of_the_answer_the_task_is_given_once(executor: Executor, mood: str) -> None:
    executor.moods = [("/tasks", mood)]
    made = bridge(executor)
    first = made.apply(REQUEST) if mood == "garbage" else None
    if first is None:
        assert refused(lambda: made.apply(REQUEST)) in ("UNKNOWN_OUTCOME", "TIMEOUT")
    pending = made.apply({**REQUEST, "unsure": True})
    assert (followed(made, pending)["state"], len(executor.began)) == ("succeeded", 1)


def test_a_redirect_is_not_followed_and_begins_nothing(executor: Executor) -> None:
    executor.moods = [("/tasks", "redirect")]
    assert refused(lambda: bridge(executor).apply(REQUEST)) == "INVALID"
    assert (executor.began, [one for one in executor.asked if "elsewhere" in one]) == ([], [])


@pytest.mark.parametrize("mood", ["drop", "fail", "hang", "drip", "garbage", "huge"])
def test_a_status_that_cannot_be_read_is_asked_for_again_and_begins_nothing(executor: Executor, mood: str) -> None:
    made = bridge(executor)
    executor.moods = [("/status", mood)]
    assert (refused(lambda: made.apply(REQUEST)), executor.began) == ("TRANSIENT", [])
    pending = made.apply(REQUEST)
    executor.moods = [("/status", mood)]
    assert refused(lambda: made.poll(pending["operation"])) == "TRANSIENT"
    assert (followed(made, pending)["state"], len(executor.began)) == ("succeeded", 1)


def test_an_executor_that_forgot_a_task_is_not_given_it_again_unless_it_says_that_it_remembers(
    executor: Executor,
) -> None:
    made = bridge(executor)
    pending = made.apply(REQUEST)
    executor.forget()
    assert refused(lambda: made.poll(pending["operation"])) == "UNKNOWN_OUTCOME"
    assert refused(lambda: made.apply({**REQUEST, "unsure": True})) == "UNKNOWN_OUTCOME"
    assert len(executor.began) == 1
    assert bridge(executor, remembers=True).apply({**REQUEST, "unsure": True})["state"] == "pending"
    assert len(executor.began) == 2


@pytest.mark.parametrize(
    ("status", "code", "found"),
    [
        (400, 40001, "INVALID"),
        (401, 40101, "UNAUTHORIZED"),
        (422, 42201, "INVALID"),
        (429, 42901, "TRANSIENT"),
        (500, 50050, "UNKNOWN_OUTCOME"),
        (500, "42201", "INVALID"),
        (502, None, "UNKNOWN_OUTCOME"),
        (503, None, "TRANSIENT"),
        (418, "teapot", "INVALID"),
    ],
)
def test_the_code_of_an_error_says_its_class_before_its_status(
    executor: Executor, status: int, code: Any, found: str
) -> None:
    executor.refusal = status, {"status": status, "code": code, "message": "no"}
    assert refused(lambda: bridge(executor).apply(REQUEST)) == found


@pytest.mark.parametrize("code", [40901, 40902])
def test_a_task_that_the_executor_has_already_is_followed(executor: Executor, code: int) -> None:
    executor.refusal = 409, {"status": 409, "code": code}
    assert bridge(executor).apply(REQUEST)["state"] == "pending"


def test_a_component_that_is_no_task_needs_templates_and_is_removed_by_one(executor: Executor) -> None:
    store = {**REQUEST, "component": {"fqn": "store", "kind": "infrastructure", "name": "store"}}
    assert [one["path"] for one in bridge(executor).validate(store)["issues"]] == ["/config/templates/apply"]
    assert refused(lambda: bridge(executor).destroy(store, "delete")) == "UNSUPPORTED"
    kept = bridge(executor).destroy(store, "retain")
    assert kept["observation"]["retained"] is True
    made = bridge(executor, templates={"apply": {"projectId": 1}, "destroy": {"projectId": 2}})
    assert made.validate(store) == {"issues": []}
    assert followed(made, made.apply(store))["observation"]["state"] == "present"
    assert followed(made, made.destroy(store, "delete"))["observation"] == {"state": "absent"}
    assert [json.loads(one["template"]) for one in executor.began] == [{"projectId": 1}, {"projectId": 2}]
    assert executor.began[0]["id"] != executor.began[1]["id"]


def test_an_executor_without_a_status_is_believed_its_callback_and_nothing_else(executor: Executor) -> None:
    executor.has_status = False
    said: dict[tuple[str, int], Any] = {}
    made = bridge(executor, status=False, told=lambda resource, generation: said.get((resource, generation)))
    assert refused(lambda: made.apply(REQUEST)) == "INVALID"
    called = {**REQUEST, "callback": "http://127.0.0.1:1/v1/callbacks/x"}
    pending = made.apply(called)
    assert made.poll(pending["operation"])["state"] == "running"
    assert made.apply({**called, "unsure": True})["state"] == "pending"
    assert len(executor.began) == 1
    said[REQUEST["resource_id"], 1] = {"status": "PROCESSED", "results": {"pipeline": 7}}
    assert made.poll(pending["operation"])["observation"]["outputs"] == {"pipeline": 7}
    said[REQUEST["resource_id"], 1] = {"status": "FAILED", "errors": "no quota"}
    assert "no quota" in made.poll(pending["operation"])["error"]["message"]


def test_an_executor_with_a_status_is_asked_for_it_whatever_its_callback_said(executor: Executor) -> None:
    made = bridge(executor, told=lambda *_: {"status": "PROCESSED", "results": {"pipeline": 7}})
    executor.ends = "FAILED"
    pending = made.apply({**REQUEST, "callback": "http://127.0.0.1:1/v1/callbacks/x"})
    assert followed(made, pending)["state"] == "failed"


@pytest.mark.parametrize("address", [None, "ftp://x", "http://", "https://user:pw@host", "https://h/?a=b"])
def test_an_address_that_is_none_is_refused(address: Any) -> None:
    with pytest.raises(ValueError, match="address"):
        OdmExecutor({"address": address}, ask=HttpAsk(HERE))


def test_a_secret_that_cannot_travel_in_a_header_is_refused_before_anything_is_begun(executor: Executor) -> None:
    for secrets in ({"a b": "x"}, {"token": "x\r\ny: z"}, {"token": "ü"}):
        assert refused(lambda told=secrets: bridge(executor).apply({**REQUEST, "secrets": told})) == "INVALID"
    assert executor.began == []
