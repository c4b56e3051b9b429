"""Is every route that writes closed to a token whose role may not do what it does?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from doors import YAML, a_client, product, submit
from starlette.testclient import TestClient

from api.auth.permissions import LOCAL
from api.http.app import create_app
from api.wiring import House

LINE = "urn:dpds:org.example:dataproducts:parcels:1"
PRODUCT = product().replace(b"platform: postgresql:eu", b"platform: local:files")
ROLES = ("reader", "submitter", "deployer", "auditor", "operator")

SUBMITTERS, DEPLOYERS = {"submitter", "operator"}, {"deployer", "operator"}
Things = dict[str, str]
Case = tuple[set[str], Callable[[Things], tuple[str, dict[str, Any]]]]

#: for each route that writes, who may, and a request that would succeed; `thing` has ids of what exists, by its word
WRITES: dict[tuple[str, str], Case] = {
    ("POST", "/v1/descriptors"): (
        SUBMITTERS,
        lambda thing: ("/v1/descriptors", {"content": product("letters"), "headers": YAML}),
    ),
    ("POST", "/v1/products/{reference}/versions/{version}/status"): (
        SUBMITTERS,
        lambda thing: (
            f"/v1/products/{LINE}/versions/1.0.0/status",
            {"json": {"status": "withdrawn", "reason": "no longer true"}},
        ),
    ),
    ("POST", "/v1/deployments"): (
        DEPLOYERS,
        lambda thing: ("/v1/deployments", {"json": {"product": LINE, "version": "1.0.0", "environment": "dev"}}),
    ),
    ("POST", "/v1/decisions/{decision}/erasure"): (
        {"operator"},
        lambda thing: (f"/v1/decisions/{thing['decision']}/erasure", {"json": {"reason": "asked for"}}),
    ),
    ("POST", "/v1/subscriptions"): (
        {"submitter", "deployer", "auditor", "operator"},
        lambda thing: ("/v1/subscriptions", {"json": {"url": "https://hooks.example.org/meshgate"}}),
    ),
    ("DELETE", "/v1/subscriptions/{subscription}"): (
        {"operator"},
        lambda thing: (f"/v1/subscriptions/{thing['subscription']}", {}),
    ),
    ("POST", "/v1/subscriptions/{subscription}/resume"): (
        {"operator"},
        lambda thing: (f"/v1/subscriptions/{thing['subscription']}/resume", {}),
    ),
    ("DELETE", "/v1/containers/{container}"): (DEPLOYERS, lambda thing: (f"/v1/containers/{thing['container']}", {})),
    ("POST", "/v1/rescans"): ({"operator"}, lambda thing: ("/v1/rescans", {})),
}
#: these answer a POST, and change nothing
ASKING = {("POST", "/v1/checks"), ("POST", "/graphql"), ("POST", "/api/v1/up/validator/evaluate-policy")}


def bearer(role: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {role}"}


@pytest.fixture
def house(build: Callable[..., House], tmp_path: Path) -> House:
    rows = [
        f"- {{id: {role}, sha256: {hashlib.sha256(role.encode()).hexdigest()}, roles: [{role}], domains: []}}"
        for role in ROLES
    ]
    (tmp_path / "tokens.yaml").write_text("\n".join(["tokens:", *rows]) + "\n")
    return build(tmp_path, tokens=tmp_path / "tokens.yaml")


@pytest.fixture
def client(house: House) -> TestClient:
    return a_client(house)


@pytest.fixture
def things(client: TestClient) -> Things:
    """The ids of a container, a decision and a subscription of the operator that exist."""
    assert submit(client, PRODUCT, **bearer("operator")).status_code == 201
    decided = client.get("/v1/decisions?limit=1", headers=bearer("operator")).json()
    wish = {"product": LINE, "version": "1.0.0", "environment": "dev"}
    asked = client.post("/v1/deployments", json=wish, headers=bearer("operator"))
    assert asked.status_code == 202
    wanted = {"url": "https://hooks.example.org/meshgate"}
    told = client.post("/v1/subscriptions", json=wanted, headers=bearer("operator"))
    container, decision = asked.json()["container"], decided["decision_id"]
    return {"container": container, "decision": decision, "subscription": told.json()["id"]}


def routes(router: Any) -> Iterator[tuple[str, str]]:
    """Method and path of every route, those of included routers too."""
    for route in router.routes:
        if hasattr(route, "original_router"):
            yield from routes(route.original_router)
        else:
            yield from ((method, route.path) for method in getattr(route, "methods", None) or ())


def test_every_route_that_may_write_is_in_the_table(house: House) -> None:
    app: Any = create_app(house)
    found = set(routes(app._app))
    assert ("GET", "/v1/products/{reference}") in found
    assert {one for one in found if one[0] not in ("GET", "HEAD", "OPTIONS")} == WRITES.keys() | ASKING


@pytest.mark.parametrize("route", WRITES, ids=lambda route: " ".join(route))
@pytest.mark.parametrize("role", ROLES)
def test_a_role_that_lacks_the_right_is_forbidden_and_changes_nothing(
    client: TestClient, house: House, things: Things, route: tuple[str, str], role: str
) -> None:
    allowed, asked = WRITES[route]
    before = house.changes.after(0, principal=LOCAL)
    path, request = asked(things)
    request["headers"] = {**request.get("headers", {}), **bearer(role)}
    got = client.request(route[0], path, **request)
    if role in allowed:
        assert got.status_code < 300 or got.json()["code"] == "container-occupied"
    else:
        assert (got.status_code, got.json()["code"], got.json()["principal"]) == (403, "forbidden", role)
        assert house.changes.after(0, principal=LOCAL) == before


@pytest.mark.parametrize("route", WRITES, ids=lambda route: " ".join(route))
def test_who_may_not_write_does_not_learn_what_there_is(client: TestClient, route: tuple[str, str]) -> None:
    path, request = WRITES[route][1](dict.fromkeys(("container", "decision", "subscription"), "none"))
    request["headers"] = {**request.get("headers", {}), **bearer("reader")}
    assert client.request(route[0], path, **request).status_code == 403
