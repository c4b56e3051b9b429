"""Does `POST /v1/deployments` answer exactly as DESIGN §6 says, over HTTP and with a real worker?"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from doors import a_house, a_server, problem, product, submit, until

LINE = "urn:dpds:org.example:dataproducts:parcels:1"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with (
        a_server(tmp_path_factory.mktemp("data")) as (address, _),
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        yield client


def name_of(request: pytest.FixtureRequest) -> str:
    return request.node.name.replace("_", "").removeprefix("test")[:40]


@pytest.fixture
def name(server: httpx.Client, request: pytest.FixtureRequest) -> str:
    """A product of this test's own, accepted in version 1.0.0."""
    name = name_of(request)
    assert submit(server, product(name)).status_code == 201
    return name


def wish(name: str, version: str = "1.0.0", **more: Any) -> dict[str, Any]:
    major = version.partition(".")[0]
    return {
        "product": f"urn:dpds:org.example:dataproducts:{name}:{major}",
        "version": version,
        "environment": "dev",
        **more,
    }


def deploy(server: httpx.Client, name: str, version: str = "1.0.0", **more: Any) -> httpx.Response:
    return server.post("/v1/deployments", json=wish(name, version, **more))


def ended(server: httpx.Client, answer: httpx.Response) -> dict[str, Any]:
    """The deployment behind this answer, when it has ended."""

    def state() -> dict[str, Any] | None:
        told: dict[str, Any] = server.get(answer.headers["Location"]).json()
        return told if told["state"] in ("succeeded", "failed", "cancelled") else None

    return until(state)  # type: ignore[no-any-return]


def containers(server: httpx.Client, name: str) -> list[dict[str, Any]]:
    found = server.get("/v1/containers", params={"environment": "dev"}).json()["containers"]
    return [one for one in found if one["name"] == name]


def test_a_cleared_version_becomes_a_container(server: httpx.Client, name: str) -> None:
    answer = deploy(server, name)
    assert (answer.status_code, answer.json()["standing"]) == (202, "started")
    assert ended(server, answer)["state"] == "succeeded"
    (container,) = containers(server, name)
    assert (container["status"], container["version"], container["generation"]) == ("active", "1.0.0", 1)
    assert server.get(f"/v1/containers/{container['id']}").json() == container


def test_on_postgresql_a_server_may_run_the_worker_too(tmp_path: Path, postgresql_url: str) -> None:
    with a_house(tmp_path, database_url=postgresql_url) as house:
        house.database.upgrade()
    with a_server(tmp_path, database_url=postgresql_url) as (address, _), httpx.Client(base_url=address) as asking:
        assert submit(asking, product()).status_code == 201
        answer = deploy(asking, "parcels")
        assert ended(asking, answer)["state"] == "succeeded"
        (container,) = containers(asking, "parcels")
    assert (tmp_path / "containers").is_dir()
    assert (container["status"], (tmp_path / "meshgate.lock").exists()) == ("active", False)


def test_what_is_live_already_is_answered_with_its_deployment(server: httpx.Client, name: str) -> None:
    first = deploy(server, name)
    ended(server, first)
    second = deploy(server, name)
    assert (second.status_code, second.headers["Location"]) == (200, first.headers["Location"])


def test_a_higher_version_updates_in_place_and_a_lower_one_is_refused(server: httpx.Client, name: str) -> None:
    ended(server, deploy(server, name))
    submit(server, product(name, "1.1.0"))
    assert ended(server, deploy(server, name, "1.1.0"))["state"] == "succeeded"
    (container,) = containers(server, name)
    assert (container["version"], container["generation"]) == ("1.1.0", 2)
    refused = deploy(server, name, "1.0.0")
    assert (refused.status_code, problem(refused)["code"], problem(refused)["live"]) == (409, "downgrade", "1.1.0")
    assert ended(server, deploy(server, name, "1.0.0", rollback=True))["state"] == "succeeded"


def test_another_major_lives_beside_it(server: httpx.Client, name: str) -> None:
    ended(server, deploy(server, name))
    assert submit(server, product(name, "2.0.0")).status_code == 201
    ended(server, deploy(server, name, "2.0.0"))
    assert sorted(one["version"] for one in containers(server, name)) == ["1.0.0", "2.0.0"]


def test_of_many_wishes_at_once_exactly_one_becomes_a_container(server: httpx.Client, name: str) -> None:
    together = threading.Barrier(16)

    def wished(_: int) -> httpx.Response:
        together.wait()
        return deploy(server, name)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(wished, range(16)))
    assert {answer.status_code for answer in answers} <= {200, 202}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert ended(server, answers[0])["state"] == "succeeded"
    assert len(containers(server, name)) == 1


def test_a_wish_under_a_key_is_answered_once(server: httpx.Client, name: str) -> None:
    headers = {"Idempotency-Key": name}
    answers = [server.post("/v1/deployments", json=wish(name), headers=headers) for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert (answers[1].status_code, answers[1].headers["Idempotency-Replayed"]) == (202, "true")
    other = server.post("/v1/deployments", json=wish(name, rollback=True), headers=headers)
    assert (other.status_code, problem(other)["code"]) == (422, "idempotency-key-reused")


def test_a_container_is_retired(server: httpx.Client, name: str) -> None:
    ended(server, deploy(server, name))
    (container,) = containers(server, name)
    answer = server.delete(f"/v1/containers/{container['id']}")
    assert answer.status_code == 202
    assert ended(server, answer)["state"] == "succeeded"
    assert containers(server, name) == []
    assert server.get(f"/v1/containers/{container['id']}").json()["status"] == "retired"


def test_a_withdrawn_version_is_not_cleared(server: httpx.Client, name: str) -> None:
    place = f"/v1/products/urn:dpds:org.example:dataproducts:{name}:1/versions/1.0.0/status"
    server.post(place, json={"status": "withdrawn", "reason": "wrong"})
    got = deploy(server, name)
    assert (got.status_code, problem(got)["code"]) == (422, "not-cleared")
    assert problem(got)["reasons"]
    assert containers(server, name) == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"product": LINE, "version": "9.9.9", "environment": "dev"}, 404, "not-found"),
        ({"product": LINE, "version": "1.0.0", "environment": "moon"}, 404, "not-found"),
        ({"product": LINE, "version": "1.0.0"}, 422, "request-invalid"),
        ({"product": LINE, "version": 1, "environment": "dev"}, 422, "request-invalid"),
        ({"product": LINE, "version": "1.0.0", "environment": "dev", "force": True}, 422, "request-invalid"),
    ],
)
def test_a_wish_that_nobody_can_grant_is_refused(
    server: httpx.Client, body: dict[str, Any], status: int, code: str
) -> None:
    got = server.post("/v1/deployments", json=body)
    assert (got.status_code, problem(got)["code"]) == (status, code)


def test_cancelling_and_abandoning_answer_with_what_is_left_to_do(server: httpx.Client, name: str) -> None:
    answer = deploy(server, name)
    assert ended(server, answer)["state"] == "succeeded"
    late = server.post(f"{answer.headers['Location']}/cancel", json={"reason": "too late"})
    assert (late.status_code, problem(late)["code"]) == (409, "deployment-ending")
    (container,) = containers(server, name)
    orderly = server.post(f"/v1/containers/{container['id']}/abandon", json={"reason": "why not"})
    assert (orderly.status_code, problem(orderly)["code"]) == (409, "container-in-order")
    for place in ("/v1/deployments/none/cancel", "/v1/containers/none/abandon"):
        assert problem(server.post(place))["status"] == 404
    assert server.post(f"{answer.headers['Location']}/cancel", json={"why": "?"}).status_code == 422
