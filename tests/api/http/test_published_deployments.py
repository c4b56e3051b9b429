"""Does every route about deployments and containers answer what its published schema says?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from doors import a_server, product, submit, until
from published import answered, faults

LINE = "urn:dpds:org.example:dataproducts:{}:1"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[httpx.Client]:
    (folder / "environments.yaml").write_text("- name: dev\n- {name: prod, approval: required}\n")
    with (
        a_server(folder, environments=str(folder / "environments.yaml")) as (address, _),
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        yield client


def asked(server: httpx.Client, name: str, environment: str = "dev") -> Any:
    """What a request to deploy is answered."""
    assert submit(server, product(name)).status_code in (200, 201)
    wish = {"product": LINE.format(name), "version": "1.0.0", "environment": environment}
    return of_rest(server.post("/v1/deployments", json=wish), "deployment-request")


def of_rest(answer: httpx.Response, kind: str) -> Any:
    """The body of a good answer of the kind that only REST gives."""
    assert answer.status_code < 300, answer.text
    assert faults(answer.json(), kind) == []
    return answer.json()


def in_state(server: httpx.Client, deployment: str, state: str) -> Any:
    """The deployment once it is in this state; whatever is seen before is as it is published."""

    def look() -> Any:
        found = answered(server.get(f"/v1/deployments/{deployment}"), "deployment")
        waits = state != "awaiting_approval" or found["waiting"]
        return found if found["state"] == state and waits else None

    return until(look, seconds=60)


def test_what_is_deployed_and_retired_is_told_by_every_route(server: httpx.Client) -> None:
    begun = asked(server, "whole")
    assert (begun["standing"], "readers" in begun) == ("started", False)
    in_state(server, begun["id"], "succeeded")
    assert asked(server, "whole") == {**begun, "standing": "live"}
    pages = [of_rest(server.get(f"/v1/deployments/{begun['id']}/events", params={"limit": 3}), "deployment-events")]
    while not pages[-1]["ended"]:
        more = {"limit": 3, "after": pages[-1]["next"]}
        pages.append(of_rest(server.get(f"/v1/deployments/{begun['id']}/events", params=more), "deployment-events"))
    assert [one["more"] for one in pages] == [True] * (len(pages) - 1) + [False]
    page = answered(server.get("/v1/deployments", params={"limit": 1}), "deployments")
    assert [one["id"] for one in page["deployments"]] == [begun["id"]]
    held = answered(server.get(f"/v1/containers/{begun['container']}"), "container")
    listed = answered(server.get("/v1/containers", params={"product": LINE.format("whole")}), "containers")
    assert [one["id"] for one in listed["containers"]] == [held["id"]]
    past = answered(server.get("/v1/containers", params={"as_of": held["at"]}), "containers")
    assert past["as_of"]["revision"] > 0
    wanted = answered(server.post(f"/v1/containers/{held['id']}/observe"), "container")
    assert wanted["wish"] == held["observed"]["asks"] + 1
    gone = of_rest(server.delete(f"/v1/containers/{held['id']}"), "deployment-request")
    assert gone["readers"] == {"consumers": [], "subjects": []}
    assert in_state(server, gone["id"], "succeeded")["action"] == "retire"


def test_before_everything_there_is_no_container_and_that_is_told(server: httpx.Client) -> None:
    told = answered(server.get("/v1/containers", params={"as_of": "2001-01-01"}), "containers")
    assert told == {"containers": [], "next": None, "as_of": {"revision": 0, "moment": None}}


def test_what_people_and_who_cancels_say_is_told(server: httpx.Client) -> None:
    first = asked(server, "asked", "prod")["id"]
    waits = in_state(server, first, "awaiting_approval")
    assert waits["waiting"]["for"] == "approval"
    no = answered(server.post(f"/v1/deployments/{first}/reject", json={"reason": "not yet"}), "deployment")
    assert no["state"] == "rejected"
    second = asked(server, "asked", "prod")["id"]
    in_state(server, second, "awaiting_approval")
    stopped = answered(server.post(f"/v1/deployments/{second}/cancel", json={"reason": "no more"}), "deployment")
    assert (stopped["state"], stopped["reason"]) == ("cancelling", "no more")
    assert in_state(server, second, "cancelled_clean")["waiting"] is None


def test_what_is_adopted_is_told(server: httpx.Client, folder: Path) -> None:
    begun = asked(server, "adopts")
    (port,) = in_state(server, begun["id"], "succeeded")["resources"]
    shutil.rmtree(port["outputs"]["directory"])
    (folder / "containers" / "legacy").mkdir()
    place = f"/v1/containers/{begun['container']}/resources/{port['resource_id']}/adopt"
    assert answered(server.post(place, json={"external_id": "legacy"}), "container")["in_sync"]
