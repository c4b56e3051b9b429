"""Do products and containers tell over REST what the catalog said at a moment, and is the feed filtered there?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from doors import NOW, a_client, problem, product, submit
from starlette.testclient import TestClient

from api.wiring import House

LINE = "urn:dpds:org.example:dataproducts:parcels:1"
HOUR = timedelta(hours=1)


@pytest.fixture
def grown(house: House) -> TestClient:
    """Two versions an hour apart, the first withdrawn an hour later, and now it is the next day."""
    client = a_client(house)
    house.clock = lambda: NOW
    assert submit(client, product()).status_code == 201
    house.clock = lambda: NOW + HOUR
    assert submit(client, product(version="1.1.0", description="More parcels.")).status_code == 201
    house.clock = lambda: NOW + 2 * HOUR
    withdrawn = {"status": "withdrawn", "reason": "wrong"}
    assert client.post(f"/v1/products/{LINE}/versions/1.1.0/status", json=withdrawn).status_code == 200
    house.clock = lambda: NOW + timedelta(days=1)
    return client


def told(client: TestClient, as_of: Any) -> Any:
    return client.get(f"/v1/products/{LINE}", params={"as_of": as_of}).json()


def test_a_product_is_told_as_it_was(grown: TestClient) -> None:
    now = grown.get(f"/v1/products/{LINE}").json()
    assert (now["version"], "as_of" in now) == ("1.0.0", False)
    then = told(grown, (NOW + HOUR).isoformat())
    assert (then["version"], then["description"], then["as_of"]["revision"]) == ("1.1.0", "More parcels.", 2)
    assert [(one["version"], one["status"]) for one in then["versions"]] == [("1.1.0", "active"), ("1.0.0", "active")]
    before = told(grown, NOW.isoformat())
    assert (before["version"], [one["version"] for one in before["versions"]]) == ("1.0.0", ["1.0.0"])
    last = told(grown, (NOW + timedelta(days=1)).isoformat())
    assert {**last, "as_of": None} == {**now, "as_of": None}
    assert last["as_of"] == {"revision": 3, "moment": (NOW + 2 * HOUR).isoformat()}


@pytest.mark.parametrize(
    ("as_of", "status", "code"),
    [
        ("2026-11-23", 404, "not-found"),
        ("1999-01-01", 404, "not-found"),
        ("2027-01-01", 400, "instant-invalid"),
        ("2026-11-23T14:00:00", 400, "usage"),
        ("yesterday", 400, "usage"),
        ("", 400, "usage"),
    ],
)
def test_a_moment_that_tells_nothing_is_refused_with_the_reason(
    grown: TestClient, as_of: str, status: int, code: str
) -> None:
    for path in (f"/v1/products/{LINE}",) if status == 404 else (f"/v1/products/{LINE}", "/v1/containers"):
        got = grown.get(path, params={"as_of": as_of})
        assert (got.status_code, problem(got)["code"]) == (status, code)
    assert grown.get("/v1/containers", params={"as_of": "1999-01-01"}).json() == {
        "containers": [],
        "next": None,
        "as_of": {"revision": 0, "moment": None},
    }


def test_the_feed_is_filtered_and_its_cursor_moves_on(grown: TestClient) -> None:
    def asked(**wanted: Any) -> Any:
        return grown.get("/v1/changes", params=wanted).json()

    assert [one["kind"] for one in asked(kind="version.*")["changes"]] == [
        "version.accepted",
        "version.accepted",
        "version.withdrawn",
    ]
    assert [one["revision"] for one in asked(kind=["version.withdrawn", "decision.accepted"])["changes"]] == [1, 2, 3]
    assert asked(domain="finance") == {"changes": [], "next": 5, "more": False}
    first = asked(kind="version.accepted", product=LINE, limit=1)
    assert ([one["domain"] for one in first["changes"]], first["next"], first["more"]) == (["logistics"], 2, True)
    rest = asked(kind="version.accepted", product=LINE, limit=1, after=first["next"])
    assert ([one["payload"]["version"] for one in rest["changes"]], rest["next"]) == (["1.1.0"], 4)


@pytest.mark.parametrize("wanted", [{"kind": "Version Accepted"}, {"product": "parcels"}, {"domain": ""}])
def test_a_filter_that_nothing_can_match_is_refused(grown: TestClient, wanted: dict[str, str]) -> None:
    got = grown.get("/v1/changes", params=wanted)
    assert (got.status_code, problem(got)["code"]) == (400, "usage")
