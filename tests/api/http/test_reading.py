"""Can everything that was written be read over HTTP, and only what was asked for?"""

from __future__ import annotations

from pathlib import Path

import pytest
from doors import a_client, a_house, problem, product, submit
from starlette.testclient import TestClient

from api.wiring import House
from engine.descriptor.identity import line_id, odm_id

LINE = "urn:dpds:org.example:dataproducts:parcels:1"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def client(house: House) -> TestClient:
    client = a_client(house)
    assert submit(client, product()).status_code == 201
    return client


@pytest.mark.parametrize("reference", [LINE, line_id(LINE), odm_id(LINE), f"{LINE}:outputports:moved"])
def test_a_line_is_found_by_every_name_it_has(client: TestClient, reference: str) -> None:
    got = client.get(f"/v1/products/{reference}").json()
    assert (got["fqn"], got["id"], got["version"], got["status"]) == (LINE, line_id(LINE), "1.0.0", "active")
    assert [(one["version"], one["submitted_by"]) for one in got["versions"]] == [("1.0.0", "local")]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/products/nothing",
        f"/v1/products/{LINE}/versions/9.9.9",
        "/v1/decisions/nothing",
        "/v1/deployments/nothing",
        "/v1/containers/nothing",
        "/v1/products/'; DROP TABLE version; --",
    ],
)
def test_what_is_not_there_is_not_found(client: TestClient, path: str) -> None:
    got = client.get(path)
    assert (got.status_code, problem(got)["code"]) == (404, "not-found")


@pytest.mark.parametrize(
    "path",
    ["/v1/products/%00", f"/v1/products/{LINE}/versions/%00", f"/v1/products/{LINE}/versions/1.0.0?part=%00"],
)
def test_an_address_with_nul_is_refused_on_every_store(client: TestClient, path: str) -> None:
    got = client.get(path)
    assert (got.status_code, problem(got)["code"]) == (422, "request-invalid")


def test_a_version_becomes_deprecated_and_says_so(client: TestClient) -> None:
    body = {"status": "deprecated", "reason": "2.0 is better", "sunset": "2027-06-30", "successor": LINE}
    got = client.post(f"/v1/products/{LINE}/versions/1.0.0/status", json=body)
    assert (got.status_code, got.json()["status"]) == (200, "deprecated")
    told = client.get(f"/v1/products/{LINE}").json()
    assert told["status"] == "deprecated"
    (version,) = told["versions"]
    shown = {name: version[name] for name in ("reason", "sunset", "successor")}
    assert shown == {"reason": "2.0 is better", "sunset": "2027-06-30T00:00:00+00:00", "successor": LINE}


def test_a_line_whose_versions_are_withdrawn_is_still_shown(client: TestClient) -> None:
    client.post(f"/v1/products/{LINE}/versions/1.0.0/status", json={"status": "withdrawn", "reason": "wrong"})
    told = client.get(f"/v1/products/{LINE}").json()
    assert (told["version"], told["status"]) == ("1.0.0", "withdrawn")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"status": "deprecated"}, 422, "request-invalid"),
        ({"status": "gone", "reason": "x"}, 422, "request-invalid"),
        ({"status": "deprecated", "reason": "x", "sunset": "soon"}, 422, "request-invalid"),
        ({"status": "deprecated", "reason": "x", "sunset": 5}, 422, "request-invalid"),
        ({"status": "deprecated", "reason": "x", "sunset": "9999-12-31T23:59-14:00"}, 422, "request-invalid"),
        ({"status": "deprecated", "reason": "x", "typo": 1}, 422, "request-invalid"),
        ({"status": "deprecated", "reason": " "}, 422, "standing-invalid"),
        ({"status": "active", "reason": "x", "sunset": "2027-01-01"}, 422, "standing-invalid"),
        ({"status": "deprecated", "reason": "x", "sunset": "2026-11-22"}, 422, "standing-invalid"),
        ({"status": "deprecated", "reason": "x", "sunset": "2026-11-23T00:30+01:00"}, 422, "standing-invalid"),
        ({"status": "deprecated", "reason": "x", "successor": "the new one"}, 422, "standing-invalid"),
        ({"status": "deprecated", "reason": "x", "successor": LINE.removesuffix(":1")}, 422, "standing-invalid"),
        ({"status": "deprecated", "reason": "x", "successor": f"{LINE}:outputports:moved"}, 422, "standing-invalid"),
        ([], 422, "request-invalid"),
    ],
)
def test_a_change_of_status_that_nobody_understands_changes_nothing(
    client: TestClient, body: object, status: int, code: str
) -> None:
    got = client.post(f"/v1/products/{LINE}/versions/1.0.0/status", json=body)
    assert (got.status_code, problem(got)["code"]) == (status, code)
    assert client.get(f"/v1/products/{LINE}").json()["status"] == "active"


def test_the_feed_is_read_in_order_from_any_cursor(client: TestClient) -> None:
    submit(client, product(version="1.1.0"))
    everything = client.get("/v1/changes").json()
    assert [change["cursor"] for change in everything["changes"]] == [1, 2, 3, 4]
    page = client.get("/v1/changes", params={"after": 1, "limit": 2}).json()
    assert (page["changes"], page["next"]) == (everything["changes"][1:3], 3)
    assert client.get("/v1/changes", params={"after": 4}).json() == {"changes": [], "next": 4, "more": False}


@pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=0", "limit=1001", f"after={2**63}"])
def test_a_cursor_that_is_none_is_refused(client: TestClient, query: str) -> None:
    got = client.get(f"/v1/changes?{query}")
    assert (got.status_code, problem(got)["code"]) == (422, "request-invalid")


def test_a_check_stores_nothing(client: TestClient) -> None:
    before = client.get("/v1/changes").json()
    kind = {"Content-Type": "application/yaml"}
    for content in (product("other"), product("other", owner=""), b"["):
        assert client.post("/v1/checks", content=content, headers=kind).status_code == 200
    assert client.get("/v1/changes").json() == before


def test_a_check_gives_the_verdict_that_submitting_gives(client: TestClient) -> None:
    kind = {"Content-Type": "application/yaml"}
    checked = client.post("/v1/checks", content=product(version="1.1.0", owner=""), headers=kind)
    checked = checked.json()["documents"][0]
    submitted = problem(submit(client, product(version="1.1.0", owner="")))["report"]["documents"][0]
    for document in (checked, submitted):
        del document["decision"]["id"]
    assert checked == submitted


def test_a_check_rejects_a_version_that_holds_other_content_as_submitting_does(client: TestClient) -> None:
    def verdict(content: bytes, query: str = "") -> tuple[str, list[tuple[str, str, str]]]:
        kind = {"Content-Type": "application/yaml"}
        (told,) = client.post(f"/v1/checks{query}", content=content, headers=kind).json()["documents"]
        errors = [one for one in told["problems"] if one["severity"] == "error"]
        return told["decision"]["outcome"], [(one["code"], one["path"], one["msg"]) for one in errors]

    other = product(description="Other parcels.")
    refused = [("DP411", "/info/version", f"{LINE} 1.0.0 was accepted before with other content")]
    rebuilt = product().replace(b'"1.0.0"\n  domain', b'"1.0.0+2"\n  domain')
    assert (verdict(other), verdict(rebuilt)) == (("rejected", refused), ("rejected", refused))
    assert [submit(client, one).status_code for one in (other, rebuilt)] == [409, 409]
    free = product(version="1.0.1", description="Other parcels.")
    assert [verdict(one) for one in (product(), free)] == [("accepted", []), ("accepted", [])]
    assert verdict(other, "?event=deploy")[1] == []


def test_an_environment_that_is_none_is_not_found_by_a_check_and_a_deployment_alike(client: TestClient) -> None:
    checked = client.post(
        "/v1/checks?environment=moon", content=product(), headers={"Content-Type": "application/yaml"}
    )
    wish = {"product": LINE, "version": "1.0.0", "environment": "moon"}
    for got in (checked, client.post("/v1/deployments", json=wish)):
        assert (got.status_code, problem(got)["code"]) == (404, "not-found")
        assert problem(got)["detail"] == "There is no environment `moon`; there are dev."


def test_readiness_says_what_is_missing(tmp_path: Path) -> None:
    with a_house(tmp_path, policies=[tmp_path / "nowhere"]) as house:
        got = a_client(house).get("/readyz")
        assert got.status_code == 503
        assert got.json()["checks"]["catalog"] == "ok"
        assert "nowhere does not exist" in got.json()["checks"]["policies"]
        assert a_client(house).get("/livez").status_code == 200


def test_metrics_count_requests_and_decisions(client: TestClient) -> None:
    submit(client, product(owner="", version="1.2.0"))
    page = client.get("/metrics").text
    assert 'meshgate_http_requests_total{method="POST",route="/v1/descriptors",status="201"} 1.0' in page
    assert 'meshgate_decisions_total{event="submit",outcome="accepted"} 1.0' in page
    assert 'meshgate_decisions_total{event="submit",outcome="rejected"} 1.0' in page


def test_the_page_of_the_api_loads_only_what_this_server_serves(client: TestClient) -> None:
    page = client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "script-src" not in policy
    links = [part.partition('"')[0] for marker in ('src="', 'href="') for part in page.text.split(marker)[1:]]
    assert links
    for link in links:
        assert link.startswith("/")
        assert client.get(link).status_code == 200, link
    assert "<script>" not in page.text


def test_the_description_of_the_api_names_every_call(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert {
        "/v1/checks",
        "/v1/descriptors",
        "/v1/products/{reference}",
        "/v1/products/{reference}/versions/{version}",
        "/v1/products/{reference}/versions/{version}/status",
        "/v1/decisions/{decision}",
        "/v1/deployments",
        "/v1/deployments/{deployment}",
        "/v1/containers",
        "/v1/containers/{container}",
        "/v1/changes",
        "/livez",
        "/readyz",
        "/metrics",
    } <= set(paths)
    assert set(paths["/v1/descriptors"]["post"]["requestBody"]["content"]) == {
        "application/json",
        "application/yaml",
        "multipart/form-data",
    }
