"""Do `POST /v1/plans`, `…/approve` and `…/reject` answer as they say, whatever is sent?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from doors import a_client, problem, product, submit
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator

from api.auth.permissions import LOCAL
from api.cli.schema import Kind, text
from api.wiring import House
from engine.descriptor import yaml_source
from engine.descriptor.limits import Limits

LINE = "urn:dpds:org.example:dataproducts:parcels:1"
PRODUCT = product().replace(b"platform: postgresql:eu", b"platform: local:files")
WISH = {"product": LINE, "version": "1.0.0", "environment": "dev"}
DIGEST = f"sha256:{'0' * 64}"


@pytest.fixture
def house(build: Callable[..., House], tmp_path: Path) -> House:
    (tmp_path / "environments.yaml").write_text("- name: dev\n- {name: prod, approval: required}\n")
    return build(tmp_path, environments=tmp_path / "environments.yaml")


@pytest.fixture
def client(house: House) -> TestClient:
    client = a_client(house)
    assert submit(client, PRODUCT).status_code == 201
    return client


def test_a_plan_is_told_and_nothing_is_changed(client: TestClient, house: House) -> None:
    before = house.changes.after(0, principal=LOCAL)
    told = client.post("/v1/plans", json=WISH)
    assert told.status_code == 200
    schema, _ = yaml_source.read(text(Kind.PLAN), Limits())
    body = {"schema": "meshgate/plan/1", **told.json()}
    assert list(Draft202012Validator(schema).iter_errors(body)) == []
    assert (body["standing"], body["cleared"], body["asks"], body["generation"]) == ("new", True, None, 1)
    assert [one["action"] for one in body["plan"]["actions"]] == ["create"]
    assert client.post("/v1/plans", json={**WISH, "environment": "prod"}).json()["asks"] == "approval"
    assert house.changes.after(0, principal=LOCAL) == before
    assert client.get("/v1/containers").json()["containers"] == []


@pytest.mark.parametrize("path", ["/v1/plans", "/v1/deployments"])
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"environment": "moon"}, 404, "not-found"),
        ({"version": "9.9.9"}, 404, "not-found"),
        ({"plan": "sha256:short"}, 422, "request-invalid"),
        ({"plan": DIGEST.upper()}, 422, "request-invalid"),
        ({"plan": f"{DIGEST}\n"}, 422, "request-invalid"),
        ({"consent": "yes"}, 422, "request-invalid"),
        ({"approved": True}, 422, "request-invalid"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(
    client: TestClient, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    answer = client.post(path, json={**WISH, **body})
    assert (answer.status_code, problem(answer)["code"]) == (status, code)


def test_a_plan_that_cannot_be_made_is_told_at_once(build: Callable[..., House], tmp_path: Path) -> None:
    (tmp_path / "environments.yaml").write_text("- {name: dev, adapters: [{adapter: local-fs, platform: 'aws:*'}]}\n")
    client = a_client(build(tmp_path, environments=tmp_path / "environments.yaml"))
    assert submit(client, PRODUCT).status_code == 201
    for path in ("/v1/plans", "/v1/deployments"):
        answer = client.post(path, json=WISH)
        assert (answer.status_code, problem(answer)["code"]) == (422, "plan-invalid")
        assert "no adapter of the environment dev is bound to" in problem(answer)["detail"]
    assert client.get("/v1/containers").json()["containers"] == []


@pytest.mark.parametrize(
    ("call", "body", "status", "code"),
    [
        ("approve", {}, 422, "request-invalid"),
        ("approve", {"plan": "x"}, 422, "request-invalid"),
        ("approve", {"plan": DIGEST, "approved_by": "ada"}, 422, "request-invalid"),
        ("approve", {"plan": DIGEST, "reason": "x" * 2001}, 422, "request-invalid"),
        ("approve", {"plan": DIGEST}, 409, "not-awaiting-approval"),
        ("reject", {}, 422, "request-invalid"),
        ("reject", {"reason": "  "}, 422, "request-invalid"),
        ("reject", {"reason": "no"}, 409, "not-awaiting-approval"),
    ],
)
def test_an_answer_that_cannot_be_given_is_refused(
    client: TestClient, call: str, body: dict[str, Any], status: int, code: str
) -> None:
    made = client.post("/v1/deployments", json=WISH).json()["id"]
    answer = client.post(f"/v1/deployments/{made}/{call}", json=body)
    assert (answer.status_code, problem(answer)["code"]) == (status, code)
    assert client.get(f"/v1/deployments/{made}").json()["state"] == "queued"
