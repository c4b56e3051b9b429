"""Can one subscribe over HTTP, is the secret told once, and is nobody else's subscription touched or seen?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from doors import a_client, problem, product, submit
from starlette.testclient import TestClient

from api.wiring import House

URL = "https://hooks.example.org/meshgate"
LINE = "urn:dpds:org.example:dataproducts:parcels:1"


@pytest.fixture
def client(house: House) -> TestClient:
    return a_client(house)


def test_a_subscription_is_made_listed_and_ended(client: TestClient, house: House) -> None:
    submit(client, product())
    body = {"url": URL, "kinds": ["version.*"], "domains": ["logistics"], "products": [LINE, LINE.removesuffix(":1")]}
    made = client.post("/v1/subscriptions", json=body)
    assert made.status_code == 201
    told = made.json()
    assert made.headers["location"] == f"/v1/subscriptions/{told['id']}"
    assert told["secret"] == house.subscription_key().secret(told["id"])
    (listed,) = client.get("/v1/subscriptions").json()["subscriptions"]
    assert listed == {name: value for name, value in told.items() if name != "secret"}
    assert {name: listed[name] for name in ("principal", "state", "cursor")} == {
        "principal": "local",
        "state": "active",
        "cursor": 2,
    }
    assert {name: listed[name] for name in body} == body
    assert client.delete(f"/v1/subscriptions/{told['id']}").status_code == 204
    assert client.get("/v1/subscriptions").json() == {"subscriptions": []}
    assert client.delete(f"/v1/subscriptions/{told['id']}").status_code == 404


def test_no_secret_is_kept_in_the_database(client: TestClient, house: House) -> None:
    secret = client.post("/v1/subscriptions", json={"url": URL}).json()["secret"].removeprefix("whsec_")
    key = (house.settings.data_dir / "subscription.key").read_text()
    for file in house.settings.data_dir.glob("meshgate.db*"):
        content = file.read_bytes()
        assert secret.encode() not in content
        assert key.encode() not in content


def test_products_are_understood_in_every_dialect(client: TestClient) -> None:
    told = client.post("/v1/subscriptions", json={"url": URL, "products": ["urn:org.example:dataproducts:parcels"]})
    assert told.json()["products"] == ["urn:dpds:org.example:dataproducts:parcels"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "request-invalid"),
        ({"url": URL, "typo": 1}, "request-invalid"),
        ({"url": URL, "after": -1}, "request-invalid"),
        ({"url": URL, "kinds": "version.*"}, "request-invalid"),
        ({"url": URL, "after": 99}, "subscription-invalid"),
        ({"url": "http://hooks.example.org/"}, "subscription-invalid"),
        ({"url": "https://10.0.0.1/"}, "subscription-invalid"),
        ({"url": URL, "kinds": ["Version.*"]}, "subscription-invalid"),
        ({"url": URL, "kinds": ["*"]}, "subscription-invalid"),
        ({"url": URL, "domains": [""]}, "subscription-invalid"),
        ({"url": URL, "kinds": [f"k.{'a' * number}" for number in range(1, 102)]}, "subscription-invalid"),
        ({"url": URL, "products": ["orders"]}, "subscription-invalid"),
        ({"url": URL, "products": [f"{LINE}:outputports:x"]}, "subscription-invalid"),
    ],
)
def test_a_wish_that_cannot_be_understood_subscribes_nobody(
    client: TestClient, body: dict[str, Any], code: str
) -> None:
    got = client.post("/v1/subscriptions", json=body)
    assert (got.status_code, problem(got)["code"]) == (422, code)
    assert client.get("/v1/subscriptions").json() == {"subscriptions": []}


def test_a_principal_has_so_many_subscriptions_and_no_more(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from api.flows import subscriptions as flow

    monkeypatch.setattr(flow, "MOST", 2)
    statuses = [client.post("/v1/subscriptions", json={"url": URL}).status_code for _ in range(3)]
    assert statuses == [201, 201, 422]


# --- several principals -----------------------------------------------------------------------------------------------


def bearer(who: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {who}"}


@pytest.fixture
def shared(build: Callable[..., House], tmp_path: Path) -> House:
    """A house for anna, ben and an operator."""
    people = {"anna": "submitter", "ben": "deployer", "olga": "operator"}
    rows = [
        f"- {{id: {who}, sha256: {hashlib.sha256(who.encode()).hexdigest()}, roles: [{role}]}}"
        for who, role in people.items()
    ]
    (tmp_path / "tokens.yaml").write_text("\n".join(["tokens:", *rows]) + "\n")
    return build(tmp_path, tokens=tmp_path / "tokens.yaml")


def test_each_sees_and_ends_only_their_own_and_an_operator_all(shared: House) -> None:
    client = a_client(shared)
    made = client.post("/v1/subscriptions", json={"url": URL}, headers=bearer("anna")).json()
    seen = {
        who: len(client.get("/v1/subscriptions", headers=bearer(who)).json()["subscriptions"])
        for who in ("anna", "ben", "olga")
    }
    assert seen == {"anna": 1, "ben": 0, "olga": 1}
    path = f"/v1/subscriptions/{made['id']}"
    for method, at in (("DELETE", path), ("POST", f"{path}/resume")):
        got = client.request(method, at, headers=bearer("ben"))
        assert (got.status_code, problem(got)["code"]) == (403, "forbidden")
    assert client.delete(path, headers=bearer("olga")).status_code == 204


def test_this_machine_may_be_told_only_where_it_is_ones_own(client: TestClient, shared: House) -> None:
    body = {"url": "http://127.0.0.1:9/hook"}
    assert client.post("/v1/subscriptions", json=body).status_code == 201
    got = a_client(shared).post("/v1/subscriptions", json=body, headers=bearer("anna"))
    assert (got.status_code, problem(got)["code"]) == (422, "subscription-invalid")


def test_the_operator_may_allow_what_is_not_public(build: Callable[..., House], tmp_path: Path) -> None:
    client = a_client(build(tmp_path, subscription_receivers=["10.1.0.0/16"]))
    assert client.post("/v1/subscriptions", json={"url": "https://10.1.2.3/"}).status_code == 201


def test_a_paused_subscription_is_resumed_unless_its_key_is_gone(client: TestClient, house: House) -> None:
    made = client.post("/v1/subscriptions", json={"url": URL}).json()
    with house.database.bind.begin() as connection:
        connection.exec_driver_sql("UPDATE subscription SET state = 'paused', reason = 'it was dead', failures = 7")
    (paused,) = client.get("/v1/subscriptions").json()["subscriptions"]
    assert (paused["state"], paused["reason"], paused["failures"]) == ("paused", "it was dead", 7)
    resumed = client.post(f"/v1/subscriptions/{made['id']}/resume").json()
    assert (resumed["state"], resumed["reason"], resumed["cursor"]) == ("active", "", 0)
    (house.settings.data_dir / "subscription.key").write_text("another key, as long as a key has to be")
    got = client.post(f"/v1/subscriptions/{made['id']}/resume")
    assert (got.status_code, problem(got)["code"]) == (422, "subscription-invalid")
    assert client.post("/v1/subscriptions/nothing/resume").status_code == 404


@pytest.mark.parametrize("content", [None, "short"])
def test_without_a_key_nobody_can_subscribe(build: Callable[..., House], tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "key").write_text(content)
    client = a_client(build(tmp_path, subscription_key=tmp_path / "key"))
    got = client.post("/v1/subscriptions", json={"url": URL})
    assert (got.status_code, problem(got)["code"]) == (500, "key-invalid")
