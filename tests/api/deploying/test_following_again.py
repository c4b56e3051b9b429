"""Does who comes back to the events of a deployment hear the rest, without a gap and nothing twice, at every door?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from deploy_stage import DEPLOYER, Stage, wait_for
from moody_adapter import Moody, made
from served import serving
from websockets.sync.client import connect

from api.cli.live import events as followed
from api.cli.talk import Refused, talking
from api.flows.happened import told
from api.http.app import create_app
from api.settings import Settings
from api.wiring import House

SUBSCRIPTION = """subscription E($id: String!, $after: String) {
    deploymentEvents(id: $id, after: $after) { cursor kind state resource } }"""
QUERY = """query E($after: String) { deployments(first: 1) { edges { node { events(first: 100, after: $after) {
    edges { node { cursor kind state resource } } pageInfo { hasNextPage } } } } } }"""
Short = list[tuple[int, str, str, str]]


@dataclass(frozen=True)
class Doors:
    """A server over the stage; each method reads the events of a deployment after a number, until it is over."""

    address: str
    folder: Path

    def rest(self, deployment: str, after: int, *, limit: int = 2) -> Short:
        found: Short = []
        with httpx.Client(base_url=self.address, timeout=60) as client:
            while True:
                asked = {"after": after, "limit": limit, "wait": 20}
                page = client.get(f"/v1/deployments/{deployment}/events", params=asked).json()
                found += [short(one) for one in page["events"]]
                after = page["next"]
                if page["ended"]:
                    return found

    def command(self, deployment: str, after: int) -> Short:
        with talking(Settings(data_dir=self.folder, server=self.address)) as talk:
            return [short(one) for one in followed(f"/v1/deployments/{deployment}", talk, after)]

    def subscription(self, deployment: str, after: int) -> Short:
        place = self.address.replace("http:", "ws:") + "/graphql"
        with connect(place, subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item]
            socket.send(json.dumps({"type": "connection_init"}))
            assert json.loads(socket.recv(timeout=20))["type"] == "connection_ack"
            payload = {"query": SUBSCRIPTION, "variables": {"id": deployment, "after": str(after)}}
            socket.send(json.dumps({"id": "e", "type": "subscribe", "payload": payload}))
            found: Short = []
            while (message := json.loads(socket.recv(timeout=60)))["type"] == "next":
                found.append(short(message["payload"]["data"]["deploymentEvents"]))
            assert message["type"] == "complete", message
            return found

    def query(self, deployment: str, after: int) -> Short:
        """Of the newest deployment, as far as it is: a query waits for nothing."""
        body = {"query": QUERY, "variables": {"after": str(after)}}
        answer = httpx.post(f"{self.address}/graphql", json=body, timeout=60).json()
        page = answer["data"]["deployments"]["edges"][0]["node"]["events"]
        assert not page["pageInfo"]["hasNextPage"]
        return [short(edge["node"]) for edge in page["edges"]]


def short(event: dict[str, Any]) -> tuple[int, str, str, str]:
    """An event as all doors tell it."""
    number = int(event.get("sequence") or event["cursor"])
    return number, event["kind"].lower(), event["state"], event["resource"]


@pytest.fixture
def stage(staged: Callable[..., Stage], moody: Moody) -> Stage:
    return made(staged, moody)


@pytest.fixture
def doors(stage: Stage, tmp_path: Path) -> Iterator[Doors]:
    with House(Settings(data_dir=tmp_path)) as house:
        house.__dict__["database"] = stage.database
        with serving(create_app(house), house) as (address, _):
            yield Doors(address, tmp_path)


def whole(stage: Stage, deployment: str) -> Short:
    return [short(told(one)) for one in stage.events(deployment)]


def test_after_the_end_every_number_is_followed_by_exactly_the_rest(stage: Stage, doors: Doors) -> None:
    with stage.working():
        deployment = stage.ask().deployment_id
        stage.ended(deployment)
    every = whole(stage, deployment)
    assert [one[0] for one in every] == list(range(1, len(every) + 1))
    for after in range(len(every) + 1):
        for read in (doors.rest, doors.command, doors.subscription, doors.query):
            assert read(deployment, after) == every[after:], (read.__name__, after)


def test_who_comes_back_while_it_runs_hears_the_rest_as_it_comes(stage: Stage, doors: Doors, moody: Moody) -> None:
    moody.halted = "fill"
    with stage.working(), ThreadPoolExecutor(32) as pool:
        deployment = stage.ask().deployment_id
        assert moody.here.wait(60)
        known = len(whole(stage, deployment))
        assert known > 5
        reads = (doors.rest, doors.command, doors.subscription)
        waiting = {(read.__name__, after): pool.submit(read, deployment, after)
                   for read in reads for after in range(0, known + 1, 2)}  # fmt: skip
        wait_for(lambda: all(one.running() for one in waiting.values()), "all of them")
        moody.go_on.set()
        stage.ended(deployment)
        every = whole(stage, deployment)
        assert len(every) > known
        for (door, after), heard in waiting.items():
            assert heard.result(60) == every[after:], (door, after)


def test_a_number_that_there_is_not_yet_is_refused_at_every_door(stage: Stage, doors: Doors) -> None:
    deployment = stage.ask().deployment_id
    refused = httpx.get(f"{doors.address}/v1/deployments/{deployment}/events", params={"after": 2})
    assert (refused.status_code, refused.json()["code"]) == (400, "cursor-invalid")
    with pytest.raises(Refused, match="There is no event 2 yet; the last one is 1") as told_so:
        doors.command(deployment, 2)
    assert told_so.value.code == "cursor-invalid"
    with pytest.raises(AssertionError, match="cursor-invalid"):
        doors.subscription(deployment, 2)
    assert stage.happenings.after(deployment, 1, principal=DEPLOYER, limit=9).ended is False  # type: ignore[union-attr]
