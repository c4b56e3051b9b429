"""Does a stored decision decide again to the same, on a real catalog with real policies, and is a difference told?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from doors import a_client, problem, product, submit
from starlette.testclient import TestClient

from api.wiring import House
from engine.model import Enforcement
from engine.policy import governance
from engine.policy.assignments import Assignment

LINE = "urn:dpds:org.example:dataproducts:parcels:1"
POLICY = "mesh.documentation.descriptions_present"


@pytest.fixture
def client(house: House) -> TestClient:
    return a_client(house)


def last(client: TestClient) -> str:
    """The id of the decision that was logged last."""
    (*_, line) = client.get("/v1/decisions").iter_lines()
    return str(json.loads(line)["decision_id"])


def replayed(client: TestClient, decision: str) -> dict[str, Any]:
    got = client.get(f"/v1/decisions/{decision}/replay")
    assert got.status_code == 200, got.text
    told: dict[str, Any] = got.json()
    return told


def test_accepted_rejected_and_lying_versions_and_deployments_replay(client: TestClient) -> None:
    asked = [
        product().replace(b"postgresql:eu", b"local:files"),
        product("letters", owner=""),  # a policy rejects it
        product("stamps").replace(b"entityType: dataproduct", b"entityType: wrong"),  # a semantic rule rejects it
        product(version="1.0.1").replace(b"- name: moved", b"- name: other"),  # its number lies about what changed
        product(version="1.1.0", description="").replace(b"postgresql:eu", b"local:files"),
    ]
    statuses = [submit(client, one).status_code for one in asked]
    assert statuses == [201, 422, 422, 422, 201]
    client.post("/v1/deployments", json={"product": LINE, "version": "1.1.0", "environment": "dev"})
    logged = [json.loads(line) for line in client.get("/v1/decisions").iter_lines()]
    assert len(logged) == 6
    for one in logged:
        told = replayed(client, one["decision_id"])
        assert (told["same"], told["under"]) == (True, {}), told
        assert told["outcome"]["recorded"] == one["result"]["decision"]["outcome"]
    assert "DP409" in [one["code"] for one in logged[3]["result"]["problems"]]


def test_what_holds_now_is_told_beside_what_held_then(client: TestClient, house: House) -> None:
    assert submit(client, product(description="")).status_code == 201
    harder = governance.of([Assignment(POLICY, "mesh", Enforcement.BLOCKING)])
    house.__dict__["governance"] = harder
    told = replayed(client, last(client))
    assert (told["same"], told["outcome"]) == (False, {"recorded": "accepted", "replayed": "rejected"})
    assert told["under"]["assignments_digest"]["replayed"] == harder.assignments_digest
    assert [pair["replayed"]["enforcement"] for pair in told["policies"]] == ["blocking"]


def test_what_was_granted_then_is_taken_and_not_what_is_granted_now(client: TestClient) -> None:
    suspension = f"/v1/policies/{POLICY}/suspension"
    submit(client, product(description=""))
    before = last(client)
    assert client.post(suspension, json={"reason": "It errs.", "until": "2026-12-01"}).status_code == 200
    submit(client, product("letters", description=""))
    during = last(client)
    assert client.delete(suspension).status_code == 204
    for decision in (before, during):
        told = replayed(client, decision)
        assert told["same"], told


def test_an_erased_decision_says_that_it_cannot_be_decided_again(client: TestClient) -> None:
    submit(client, product())
    decision = last(client)
    client.post(f"/v1/decisions/{decision}/erasure", json={"reason": "asked for"})
    got = client.get(f"/v1/decisions/{decision}/replay")
    assert (got.status_code, problem(got)["code"]) == (410, "input-erased")
    assert "was erased at 2026-11-23T12:00:00+00:00" in problem(got)["detail"]


def test_a_document_that_could_not_be_read_cannot_be_decided_again(client: TestClient) -> None:
    assert submit(client, b"[").status_code == 400
    got = client.get(f"/v1/decisions/{last(client)}/replay")
    assert (got.status_code, problem(got)["code"]) == (409, "not-replayable")


def test_what_is_not_there_is_not_found(client: TestClient) -> None:
    assert client.get("/v1/decisions/nothing/replay").status_code == 404


def test_only_an_auditor_may_see_it(build: Callable[..., House], tmp_path: Path) -> None:
    rows = [
        f"- {{id: {role}, sha256: {hashlib.sha256(role.encode()).hexdigest()}, roles: [{role}]}}"
        for role in ("submitter", "auditor")
    ]
    (tmp_path / "tokens.yaml").write_text("\n".join(["tokens:", *rows]) + "\n")
    client = a_client(build(tmp_path, tokens=tmp_path / "tokens.yaml"))
    submit(client, product(), Authorization="Bearer submitter")
    answer = client.get("/v1/decisions", headers={"Authorization": "Bearer submitter"})
    path = f"/v1/decisions/{json.loads(answer.text)['decision_id']}/replay"
    told = {role: client.get(path, headers={"Authorization": f"Bearer {role}"}) for role in ("submitter", "auditor")}
    assert (told["submitter"].status_code, told["auditor"].status_code) == (403, 200)
