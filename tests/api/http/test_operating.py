"""Over HTTP, with a real worker: what happens to a deployment, and is a container as it was made?"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from doors import a_server, problem, product, submit, until


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[httpx.Client]:
    with a_server(folder) as (address, _), httpx.Client(base_url=address, timeout=60) as client:
        yield client


def deployed(server: httpx.Client, name: str) -> dict[str, Any]:
    """A product of this name that is live in dev; its deployment."""
    assert submit(server, product(name)).status_code == 201
    wish = {"product": f"urn:dpds:org.example:dataproducts:{name}:1", "version": "1.0.0", "environment": "dev"}
    place = server.post("/v1/deployments", json=wish).headers["Location"]

    def over() -> dict[str, Any] | None:
        told: dict[str, Any] = server.get(place).json()
        return told if told["state"] == "succeeded" else None

    return until(over)  # type: ignore[no-any-return]


def test_the_events_of_a_deployment_are_read_page_by_page(server: httpx.Client) -> None:
    place = f"/v1/deployments/{deployed(server, 'pages')['id']}/events"
    whole = server.get(place).json()
    assert [one["sequence"] for one in whole["events"]] == list(range(1, len(whole["events"]) + 1))
    assert (whole["events"][0]["kind"], whole["events"][-1]["state"]) == ("requested", "succeeded")
    assert (whole["next"], whole["more"], whole["ended"]) == (len(whole["events"]), False, True)
    part = server.get(place, params={"after": 2, "limit": 3}).json()
    assert part["events"] == whole["events"][2:5]
    assert (part["next"], part["more"], part["ended"]) == (5, True, False)


def test_who_waits_for_an_event_is_told_when_it_comes(server: httpx.Client) -> None:
    assert submit(server, product("waits")).status_code == 201
    wish = {"product": "urn:dpds:org.example:dataproducts:waits:1", "version": "1.0.0", "environment": "dev"}
    place = server.post("/v1/deployments", json=wish).headers["Location"] + "/events"
    heard: list[dict[str, Any]] = []
    while not heard or not heard[-1]["ended"]:
        after = heard[-1]["next"] if heard else 0
        heard.append(server.get(place, params={"after": after, "wait": 30}).json())
    found = [one["sequence"] for page in heard for one in page["events"]]
    assert found == list(range(1, found[-1] + 1))


def test_nobody_waits_for_a_deployment_that_is_over_nor_for_one_that_there_is_not(server: httpx.Client) -> None:
    place = f"/v1/deployments/{deployed(server, 'over')['id']}/events"
    last = server.get(place).json()["next"]
    before = time.monotonic()
    told = server.get(place, params={"after": last, "wait": 300}).json()
    assert (told["events"], told["ended"], time.monotonic() - before < 100) == ([], True, True)
    early = server.get(place, params={"after": last + 1})
    assert (early.status_code, problem(early)["code"]) == (400, "cursor-invalid")
    nowhere = server.get("/v1/deployments/none/events", params={"wait": 300})
    assert (nowhere.status_code, problem(nowhere)["code"]) == (404, "not-found")


def test_deployments_are_listed_the_newest_first_by_state_place_and_page(server: httpx.Client) -> None:
    made = [deployed(server, name)["id"] for name in ("lista", "listb", "listc")]
    pages, after = [], None
    while after or not pages:
        pages.append(server.get("/v1/deployments", params={"limit": 1, **({"after": after} if after else {})}).json())
        after = pages[-1]["next"]
    listed = [one["id"] for page in pages for one in page["deployments"]]
    assert listed[:3] == made[::-1]
    assert len(listed) == len(set(listed))
    (mine,) = server.get("/v1/deployments", params={"product": "urn:dpds:org.example:dataproducts:listb:1"}).json()[
        "deployments"
    ]
    assert (mine["id"], mine["state"], mine["cause"], mine["waiting"]) == (made[1], "succeeded", "request", None)
    assert {"plan", "back", "resources"}.isdisjoint(mine)
    by = {"container": mine["container_id"], "environment": "dev", "state": ["succeeded", "failed_clean"]}
    assert [one["id"] for one in server.get("/v1/deployments", params=by).json()["deployments"]] == [made[1]]
    assert server.get("/v1/deployments", params={"state": "queued"}).json() == {"deployments": [], "next": None}
    other = server.get("/v1/deployments", params={"after": pages[0]["next"], "environment": "dev"})
    assert (other.status_code, problem(other)["code"]) == (400, "cursor-invalid")
    assert server.get("/v1/deployments", params={"state": "done"}).status_code == 422


def test_a_container_is_looked_at_when_somebody_asks(server: httpx.Client, folder: Path) -> None:
    container = deployed(server, "looks")["container_id"]

    def looked() -> dict[str, Any]:
        asked = server.post(f"/v1/containers/{container}/observe")
        assert asked.status_code == 202
        wish = asked.json()["wish"]

        def done() -> dict[str, Any] | None:
            told: dict[str, Any] = server.get(asked.headers["Location"]).json()
            return told if told["observed"]["answered"] >= wish else None

        return until(done)  # type: ignore[no-any-return]

    assert (looked()["status"], looked()["in_sync"]) == ("active", True)
    (place,) = folder.rglob("looks_v1")
    shutil.rmtree(place)
    found = looked()
    assert (found["status"], found["usable"], found["in_sync"]) == ("degraded", False, False)
    assert found["reason"].endswith(":outputports:moved is not there")
    listed = server.get("/v1/containers", params={"status": "degraded"}).json()["containers"]
    assert [(one["id"], one["observed"]["at"] is not None) for one in listed] == [(container, True)]
    kinds = server.get("/v1/changes", params={"kind": "container.drifted"}).json()["changes"]
    (port,) = kinds[0]["payload"]["drifted"]
    assert (len(kinds), port) == (1, "urn:dpds:org.example:dataproducts:looks:1:outputports:moved")
