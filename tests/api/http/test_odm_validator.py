"""Does the validator adapter answer as an Open Data Mesh platform expects, and never mistake an error for a no?"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from doors import YAML, a_client, a_server, product, until
from starlette.testclient import TestClient

from api.wiring import House

PATH = "/api/v1/up/validator/evaluate-policy"
OLD = 'package dataproduct\n\ndefault allow := false\n\nallow := true {\n    startswith(input.name, "dp-")\n}'
NEW = 'package dataproduct\n\ndefault allow := false\n\nallow if startswith(input.afterState.name, "dp-")\n'


@pytest.fixture
def client(house: House) -> TestClient:
    return a_client(house)


def ask(client: TestClient, text: Any, subject: Any, **more: Any) -> Any:
    policy = {"id": 7, "name": "dataproduct", "rawContent": text, "blockingFlag": True}
    return client.post(PATH, json={"policyEvaluationId": 42, "policy": policy, "objectToEvaluate": subject, **more})


@pytest.mark.parametrize(("name", "verdict"), [("dp-orders", True), ("orders", False)])
def test_yes_and_no_come_with_the_id_and_what_the_policy_said(client: TestClient, name: str, verdict: bool) -> None:
    got = ask(client, NEW, {"currentState": None, "afterState": {"name": name}}, verbose=True)
    told = got.json()
    assert (got.status_code, told["policyEvaluationId"], told["evaluationResult"]) == (200, 42, verdict)
    assert told["outputObject"]["result"] == {"allow": verdict}
    assert set(told) == {"policyEvaluationId", "evaluationResult", "outputObject"}


def test_an_id_that_the_platform_does_not_send_is_not_missed(client: TestClient) -> None:
    got = ask(client, NEW, {"afterState": {"name": "dp-x"}}, policyEvaluationId=None)
    assert (got.status_code, got.json()["policyEvaluationId"]) == (200, None)


def test_policies_from_before_opa_1_run_where_the_operator_says_so(
    client: TestClient, build: Callable[..., House], tmp_path: Path
) -> None:
    refused = ask(client, OLD, {"name": "dp-x"})
    assert (refused.status_code, refused.json()["code"]) == (400, "40003")
    old = a_client(build(tmp_path, odm_rego="v0"))
    assert [ask(old, OLD, {"name": name}).json()["evaluationResult"] for name in ("dp-x", "x")] == [True, False]


def test_sets_of_findings_are_a_no_when_they_hold_any(client: TestClient) -> None:
    text = 'package p\n\nimport rego.v1\n\ndeny contains "no owner" if not input.owner\n'
    assert [ask(client, text, given).json()["evaluationResult"] for given in ({"owner": 1}, {})] == [True, False]


@pytest.mark.parametrize(
    ("body", "number"),
    [
        ({"objectToEvaluate": {}}, "40002"),
        ({"policy": "allow", "objectToEvaluate": {}}, "40002"),
        ({"policy": {"id": 1}, "objectToEvaluate": {}}, "40003"),
        ({"policy": {"id": 1, "rawContent": " "}, "objectToEvaluate": {}}, "40003"),
        ({"policy": {"id": 1, "rawContent": "package p\nallow = "}, "objectToEvaluate": {}}, "40003"),
        ({"policy": {"id": 1, "rawContent": "package p\nx := 1"}, "objectToEvaluate": {}}, "40003"),
        ({"policy": {"id": 1, "rawContent": "package p\nallow if http.send({}).x"}, "objectToEvaluate": {}}, "40003"),
        ({"policy": {"id": 1, "rawContent": NEW}}, "40004"),
        ([], "40002"),
    ],
)
def test_a_question_that_cannot_be_asked_is_400_with_the_platforms_code(
    client: TestClient, body: Any, number: str
) -> None:
    got = client.post(PATH, json=body)
    told = got.json()
    assert (got.status_code, told["status"], told["code"], told["path"]) == (400, 400, number, PATH)
    assert told["message"]
    assert told["type"].startswith("urn:meshgate:problem:")


@pytest.mark.parametrize(
    "rules",
    [
        "allow := x if { x := to_number(input.name) }",
        "allow := true if input.name\n\nallow := false if input.name",
        "allow := input.name",
        "allow if { many := numbers.range(1, 1000000); count([1 | some a in many; a in many]) < 0 }",
        'allow if strings.count(input.name, "") > 100',
    ],
)
def test_a_policy_that_fails_is_500_and_never_a_no(client: TestClient, rules: str) -> None:
    got = ask(client, f"package p\n\nimport rego.v1\n\n{rules}\n", {"name": "x"})
    told = got.json()
    assert (got.status_code, told["code"]) == (500, "50001")
    assert "evaluationResult" not in told
    assert ask(client, NEW, {"afterState": {"name": "dp-x"}}).json()["evaluationResult"] is True


def test_an_unreadable_body_is_a_fault_of_the_request(client: TestClient) -> None:
    got = client.post(PATH, content=b'{"policy": {}, "policy": {}}')
    assert (got.status_code, got.json()["code"]) == (400, "body-unreadable")


SLOW = """package slow

import rego.v1

allow if count([1 | some a in numbers.range(1, 100000); some b in numbers.range(1, 100000); a + b < 0]) > 0
"""


def test_a_flood_of_slow_questions_takes_no_place_from_submissions(tmp_path: Path) -> None:
    body = {"policy": {"rawContent": SLOW}, "objectToEvaluate": {}}
    told: list[httpx.Response] = []
    enough = threading.Event()

    def ask_on(address: str) -> None:
        while not enough.is_set():
            told.append(httpx.post(address + PATH, json=body, timeout=60))

    def submitted(address: str, version: str) -> int:
        return httpx.post(
            f"{address}/v1/descriptors", content=product(version=version), headers=YAML, timeout=60
        ).status_code

    with a_server(tmp_path) as (address, _), ThreadPoolExecutor(48) as crowd:
        flood = [crowd.submit(ask_on, address) for _ in range(48)]
        try:
            until(lambda: told)
            assert [submitted(address, f"1.{number}.0") for number in range(3)] == [201, 201, 201]
        finally:
            enough.set()
        for one in flood:
            one.result()
    assert {(one.status_code, one.json()["code"]) for one in told} == {(500, "50001")}
