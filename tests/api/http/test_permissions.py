"""Is every route that writes closed to a token whose role may not do what it does?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import released
from doors import YAML, a_client, product, submit
from starlette.testclient import TestClient

from api.auth.permissions import LOCAL
from api.http.app import create_app
from api.wiring import House

LINE = "urn:dpds:org.example:dataproducts:parcels:1"
PRODUCT = product().replace(b"platform: postgresql:eu", b"platform: local:files")
ROLES = ("reader", "submitter", "deployer", "approver", "consumer", "auditor", "sampler", "opa", "observer", "operator")
POLICY = "mesh.ownership.owner_declared"
MEASURED = {"id": "1", "product": LINE, "indicator": "latency", "value": "1s", "observedAt": "2026-11-23T11:00:00Z"}
EXCEPTION = {"policy": POLICY, "product": LINE, "reason": "The owner moves.", "until": "2026-12-24"}
ACCESS = {"product": LINE, "port": "moved", "environment": "dev", "subject": "user:ana"}

SUBMITTERS, DEPLOYERS, OPAS = {"submitter", "operator"}, {"deployer", "operator"}, {"opa", "operator"}
APPROVERS, OPERATORS = {"approver", "operator"}, {"operator"}
SUBSCRIBERS = {"submitter", "deployer", "approver", "consumer", "auditor", "operator"}
Things = dict[str, str]
NEED = {
    "name": "mine",
    "rego": 'package need.any\n\nviolation contains {"code": "x", "msg": "y", "path": []} if input.never\n',
}
Case = tuple[set[str], Callable[[Things], tuple[str, dict[str, Any]]]]


def a_bundle() -> bytes:
    with TemporaryDirectory() as folder:
        return released.bundle(Path(folder), released.STRICT)


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
        OPERATORS,
        lambda thing: (f"/v1/decisions/{thing['decision']}/erasure", {"json": {"reason": "asked for"}}),
    ),
    ("POST", "/v1/subscriptions"): (
        SUBSCRIBERS,
        lambda thing: ("/v1/subscriptions", {"json": {"url": "https://hooks.example.org/meshgate"}}),
    ),
    ("DELETE", "/v1/subscriptions/{subscription}"): (
        OPERATORS,
        lambda thing: (f"/v1/subscriptions/{thing['subscription']}", {}),
    ),
    ("POST", "/v1/subscriptions/{subscription}/resume"): (
        OPERATORS,
        lambda thing: (f"/v1/subscriptions/{thing['subscription']}/resume", {}),
    ),
    ("POST", "/v1/requirements"): (SUBSCRIBERS, lambda thing: ("/v1/requirements", {"json": NEED})),
    ("DELETE", "/v1/requirements/{requirement}"): (
        OPERATORS,
        lambda thing: (f"/v1/requirements/{thing['requirement']}", {}),
    ),
    ("POST", "/v1/deployments/{deployment}/cancel"): (DEPLOYERS, lambda thing: ("/v1/deployments/none/cancel", {})),
    ("POST", "/v1/deployments/{deployment}/approve"): (
        DEPLOYERS | APPROVERS,
        lambda thing: ("/v1/deployments/none/approve", {"json": {"plan": f"sha256:{'0' * 64}"}}),
    ),
    ("POST", "/v1/deployments/{deployment}/reject"): (
        DEPLOYERS | APPROVERS,
        lambda thing: ("/v1/deployments/none/reject", {"json": {"reason": "too early"}}),
    ),
    ("POST", "/v1/containers/{container}/abandon"): (OPERATORS, lambda thing: ("/v1/containers/none/abandon", {})),
    ("POST", "/v1/containers/{container}/observe"): (DEPLOYERS, lambda thing: ("/v1/containers/none/observe", {})),
    ("DELETE", "/v1/containers/{container}"): (DEPLOYERS, lambda thing: (f"/v1/containers/{thing['container']}", {})),
    ("POST", "/v1/waivers"): (SUBMITTERS, lambda thing: ("/v1/waivers", {"json": EXCEPTION})),
    ("POST", "/v1/waivers/{waiver}/{step}"): (
        APPROVERS,
        lambda thing: (f"/v1/waivers/{thing['waiver']}/approve", {"json": {}}),
    ),
    ("POST", "/v1/access-requests"): (
        {"submitter", "consumer", "operator"},
        lambda thing: ("/v1/access-requests", {"json": ACCESS | {"subject": "user:bo"}}),
    ),
    ("POST", "/v1/access-requests/{access}/{step}"): (
        APPROVERS,
        lambda thing: (f"/v1/access-requests/{thing['access']}/reject", {"json": {"reason": "no"}}),
    ),
    ("POST", "/v1/orphans"): (OPERATORS, lambda thing: ("/v1/orphans", {})),
    ("POST", "/v1/containers/{container}/resources/{resource}/adopt"): (
        OPERATORS,
        lambda thing: ("/v1/containers/none/resources/none/adopt", {"json": {"external_id": "there"}}),
    ),
    ("POST", "/v1/policies/{policy}/suspension"): (
        OPERATORS,
        lambda thing: (
            f"/v1/policies/{POLICY}/suspension",
            {"json": {"reason": "It errs.", "until": "2026-12-01"}},
        ),
    ),
    ("DELETE", "/v1/policies/{policy}/suspension"): (
        OPERATORS,
        lambda thing: (f"/v1/policies/{POLICY}/suspension", {}),
    ),
    ("POST", "/v1/releases"): ({"operator"}, lambda thing: ("/v1/releases", {"content": a_bundle()})),
    ("POST", "/v1/releases/rollback"): ({"operator"}, lambda thing: ("/v1/releases/rollback", {"json": {}})),
    **{
        ("POST", f"/opa/{kind}{pattern}"): (OPAS, lambda thing, call=f"/opa/{kind}{path}", body=body: (call, body))
        for kind, body in (("status", {"json": {"labels": {"id": "one"}}}), ("logs", {"json": []}))
        for pattern, path in (("", ""), ("/{partition}", "/eu"))
    },
    ("POST", "/v1/rescans"): ({"operator"}, lambda thing: ("/v1/rescans", {})),
    ("POST", "/v1/observations"): (
        {"observer", "operator"},
        lambda thing: ("/v1/observations", {"json": {"observations": [MEASURED]}}),
    ),
}
#: these answer a POST, and change nothing
ASKING = {
    ("POST", "/v1/plans"),
    ("POST", "/v1/fitness"),
    ("POST", "/v1/comparisons"),
    ("POST", "/v1/impacts"),
    ("POST", "/v1/checks"),
    ("POST", "/graphql"),
    ("POST", "/api/v1/up/validator/evaluate-policy"),
}
#: these ask for no token: their address is unguessable, and what they take is signed where its sender can sign
BY_ADDRESS = {("POST", "/v1/callbacks/{token}"), ("PATCH", "/v1/callbacks/{token}")}


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
    """The ids of what exists, beside a suspended policy: the waiver is the submitter's, all else the operator's."""
    assert submit(client, PRODUCT, **bearer("operator")).status_code == 201
    decided = client.get("/v1/decisions?limit=1", headers=bearer("operator")).json()
    asked = [
        client.post(path, json=wish, headers=bearer(role))
        for path, wish, role in (
            ("/v1/deployments", {"product": LINE, "version": "1.0.0", "environment": "dev"}, "operator"),
            ("/v1/subscriptions", {"url": "https://hooks.example.org/meshgate"}, "operator"),
            (f"/v1/policies/{POLICY}/suspension", {"reason": "It errs.", "until": "2026-11-30"}, "operator"),
            ("/v1/waivers", EXCEPTION, "submitter"),
            ("/v1/requirements", NEED | {"name": "theirs"}, "operator"),
            ("/v1/access-requests", ACCESS, "submitter"),
        )
    ]
    assert [one.status_code for one in asked] == [202, 201, 200, 201, 201, 201]
    deployment, subscription, _, waiver, requirement, access = (one.json() for one in asked)
    made = {"subscription": subscription["id"], "waiver": waiver["id"], "requirement": requirement["id"]}
    made |= {"access": access["id"]}
    return {"container": deployment["container"], "decision": decided["decision_id"], **made}


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
    assert {one for one in found if one[0] not in ("GET", "HEAD", "OPTIONS")} == WRITES.keys() | ASKING | BY_ADDRESS


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
        assert got.status_code < 300 or got.json()["code"] in ("container-occupied", "not-found")
    else:
        assert (got.status_code, got.json()["code"], got.json()["principal"]) == (403, "forbidden", role)
        assert house.changes.after(0, principal=LOCAL) == before


@pytest.mark.parametrize("route", WRITES, ids=lambda route: " ".join(route))
def test_who_may_not_write_does_not_learn_what_there_is(client: TestClient, route: tuple[str, str]) -> None:
    kinds = ("access", "container", "decision", "requirement", "subscription", "waiver")
    path, request = WRITES[route][1](dict.fromkeys(kinds, "none"))
    request["headers"] = {**request.get("headers", {}), **bearer("reader")}
    assert client.request(route[0], path, **request).status_code == 403


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize("end", ["x" * 43, "%00", "%F0%9F%98%80", "a%2Fb"])
def test_who_calls_back_needs_no_token_and_learns_nothing_of_what_was_not_given_out(
    client: TestClient, method: str, end: str
) -> None:
    got = client.request(method, f"/v1/callbacks/{end}", content=b"{}")
    assert (got.status_code, got.headers["content-type"]) == (404, "application/problem+json")
    assert got.json()["code"] in ("not-found", "route-unknown")
