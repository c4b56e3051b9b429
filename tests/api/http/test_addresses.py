"""Does a server fetch what its own list allows, keep it with the version, and never ask for it again?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from doors import YAML, a_client, problem, product, submit
from remote_files import RemoteFiles, serving
from starlette.testclient import TestClient

from api.auth.permissions import LOCAL
from api.wiring import House

LINE = "urn:dpds:org.example:dataproducts:parcels:1"


@pytest.fixture
def remote() -> Iterator[RemoteFiles]:
    with serving(RemoteFiles()) as served:
        yield served


@pytest.fixture
def house(build: Callable[..., House], tmp_path: Path, remote: RemoteFiles) -> House:
    return build(tmp_path, reference_hosts=[remote.host])


@pytest.fixture
def client(house: House) -> TestClient:
    return a_client(house)


def parted(remote: RemoteFiles) -> bytes:
    """A product that keeps its first output port at an address, and the definition of that port's API beside it."""
    from engine.descriptor import Parts, Submission, ingest

    effective = ingest(Submission("p.yaml", Parts({"p.yaml": product()})), namespace="org.example").effective
    assert effective is not None
    document = json.loads(json.dumps(effective))
    port = document["interfaceComponents"]["outputPorts"][0]
    remote.files["/ports/one.json"] = json.dumps(port, indent=3).encode()
    document["interfaceComponents"]["outputPorts"][0] = {"$ref": remote.url("/ports/one.json")}
    return json.dumps(document).encode()


def test_a_version_keeps_what_was_fetched_and_lives_on_without_the_host(
    client: TestClient, house: House, remote: RemoteFiles
) -> None:
    sent = parted(remote)
    got = submit(client, sent)
    assert got.status_code == 201, got.text
    there = got.headers["Location"]
    name, verbatim = remote.name("/ports/one.json"), remote.files["/ports/one.json"]
    assert remote.asked == ["/ports/one.json"]
    assert client.get(there).content == sent
    assert client.get(there, params={"part": name}).content == verbatim
    remote.files.clear()
    decision = got.json()["decision"]
    replayed = client.get(f"/v1/decisions/{decision}/replay")
    assert (replayed.status_code, replayed.json()["same"]) == (200, True), replayed.text
    planned = client.post("/v1/deployments", json={"product": LINE, "version": "1.0.0", "environment": "dev"})
    assert planned.status_code in (200, 201, 202), planned.text
    assert remote.asked == ["/ports/one.json"]


def test_a_host_that_gives_nothing_makes_no_version(client: TestClient, house: House, remote: RemoteFiles) -> None:
    sent = parted(remote)
    remote.files.clear()
    told = problem(submit(client, sent))
    assert told["code"] == "descriptor-unreadable"
    assert [one["code"] for one in told["report"]["documents"][0]["problems"]] == ["DP208"]
    assert "version.accepted" not in [one.kind for one in house.changes.after(0, principal=LOCAL)]


def test_a_check_fetches_by_the_same_list(client: TestClient, remote: RemoteFiles) -> None:
    sent = parted(remote)
    got = client.post("/v1/checks", content=sent, headers=YAML).json()
    assert got["summary"]["accepted"] == 1
    assert remote.asked == ["/ports/one.json"]


def test_a_client_cannot_say_what_lies_at_an_address(client: TestClient, remote: RemoteFiles) -> None:
    name = remote.name("/ports/one.json")
    files = [("root", ("dp.yaml", product(), "application/yaml")), ("file", (name, b"{}", "application/json"))]
    got = client.post("/v1/descriptors", files=files)
    assert (got.status_code, problem(got)["code"]) == (400, "body-unreadable"), got.text
    assert remote.asked == []
