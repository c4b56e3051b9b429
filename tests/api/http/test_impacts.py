"""What do differences and impact answer over HTTP?"""

from __future__ import annotations

import pytest
from doors import YAML, a_client, behind, problem, product, submit
from starlette.testclient import TestClient

from api.wiring import House

LINE = "urn:dpds:org.example:dataproducts:parcels:1"


@pytest.fixture
def client(house: House) -> TestClient:
    client = a_client(house)
    assert submit(client, product()).status_code == 201
    assert submit(client, product(version="1.0.1", description="Other words.")).status_code == 201
    return client


def test_differences_between_two_versions(client: TestClient) -> None:
    told = client.get(f"/v1/products/{LINE}/diff").json()
    assert (told["from"], told["to"], told["level"]) == ("1.0.0", "1.0.1", "patch")
    turned = client.get(f"/v1/products/{LINE}/diff", params={"from": "1.0.1", "to": "1.0.0"}).json()
    assert (turned["from"], turned["to"]) == ("1.0.1", "1.0.0")
    missing = client.get(f"/v1/products/{LINE}/diff", params={"from": "9.0.0"})
    assert (missing.status_code, problem(missing)["code"]) == (404, "not-found")


def test_columns_in_files_of_the_submission_are_compared(house: House) -> None:
    client = a_client(house)
    for version, columns in (("1.0.0", ("id", "city")), ("1.1.0", ("id", "city", "street"))):
        files = behind(version, columns)
        sent = [
            ("root", ("product.yaml", files["product.yaml"])),
            ("file", ("tables/moves.yaml", files["tables/moves.yaml"])),
        ]
        assert client.post("/v1/descriptors", files=sent).status_code == 201
    (change,) = (one for one in client.get(f"/v1/products/{LINE}/diff").json()["changes"] if one["column"])
    assert (change["column"], change["level"], change["now"]["type"]) == ("moves.street", "minor", "TEXT")


def test_whom_a_change_would_reach(client: TestClient) -> None:
    told = client.get(f"/v1/products/{LINE}/impact", params={"port": "moved"}).json()
    assert told["impact"] == {"product": LINE, "complete": True, "consumers": [], "owners": []}
    for odd in ({"port": "gone"}, {"port": "moved", "column": "gone"}):
        assert client.get(f"/v1/products/{LINE}/impact", params=odd).status_code == 404
    assert problem(client.get(f"/v1/products/{LINE}/impact", params={"depth": 0}))["code"] == "lineage-invalid"


def test_a_proposal_is_compared_and_not_stored(client: TestClient) -> None:
    told = client.post("/v1/impacts", content=product(version="1.1.0", description="New."), headers=YAML).json()
    assert (told["product"]["version"], told["diff"]["from"], told["impact"]["consumers"]) == ("1.1.0", "1.0.1", [])
    assert client.get(f"/v1/products/{LINE}/versions/1.1.0").status_code == 404
    unreadable = client.post("/v1/impacts", content=b"}{", headers=YAML)
    assert (unreadable.status_code, problem(unreadable)["code"]) == (400, "descriptor-unreadable")
