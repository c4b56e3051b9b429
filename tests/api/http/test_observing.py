"""Is every observation of a batch taken at most once, and is what is wrong with one told and harmless to the others?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from doors import a_client, problem, product, submit
from starlette.testclient import TestClient

from api.wiring import House

LINE = "urn:dpds:org.example:dataproducts:parcels:1"
SLO = """    promises:
      slo:
        name: slo
        version: "1.0.0"
        specification: custom
        definition: {freshness: PT1H, availability: "99 %"}
"""
PARCELS = product().replace(b"    promises:\n", SLO.encode())
NONE = {"stored": 0, "repeated": 0, "refused": 0}


def measured(id: str = "1", **changes: Any) -> dict[str, Any]:
    told = {"id": id, "product": LINE, "port": "moved", "indicator": "freshness", "value": "PT5M"}
    return {**told, "observedAt": "2026-11-23T11:00:00Z", "source": "probe", **changes}


def sent(client: TestClient, *observations: Any, **headers: str) -> dict[str, Any]:
    answer = client.post("/v1/observations", json={"observations": list(observations)}, headers=headers)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def slo(client: TestClient, indicator: str = "freshness") -> dict[str, Any]:
    told = client.get(f"/v1/products/{LINE}/slos").json()["slos"]
    return next(one for one in told if one["indicator"] == indicator)


@pytest.fixture
def house(build: Callable[..., House], tmp_path: Path) -> House:
    return build(tmp_path)


@pytest.fixture
def client(house: House) -> TestClient:
    client = a_client(house)
    assert submit(client, PARCELS).status_code == 201
    return client


def test_an_observation_is_seen_in_the_promise_that_it_is_of(client: TestClient) -> None:
    assert (slo(client)["state"], slo(client)["last"]) == ("unknown", None)
    told = sent(client, measured())
    assert told == {**NONE, "stored": 1, "observations": [{"id": "1", "state": "stored", "promised": True}]}
    kept = slo(client)
    assert (kept["state"], kept["attainment"], kept["observations"]) == ("met", 1.0, 1)
    assert kept["budget"] == {"allowed": 0.01, "consumed": 0.0, "left": 0.01}
    assert kept["last"] == {
        "id": "1",
        "value": "PT5M",
        "amount": 300.0,
        "unit": "s",
        "observed_at": "2026-11-23T11:00:00+00:00",
        "source": "probe",
        "principal": "local",
    }


def test_the_same_again_is_known_and_counts_once(client: TestClient) -> None:
    sent(client, measured(), measured())
    told = sent(client, measured(), measured("2"))
    assert [one["state"] for one in told["observations"]] == ["repeated", "stored"]
    assert slo(client)["observations"] == 2


def test_an_id_is_not_used_twice_for_different_things(client: TestClient) -> None:
    told = sent(client, measured(), measured(value="PT6M"))
    assert [one.get("code") for one in told["observations"]] == [None, "observation-id-reused"]
    assert sent(client, measured(value="PT7M"))["observations"][0]["code"] == "observation-id-reused"
    assert slo(client)["last"]["value"] == "PT5M"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id": None}, "field-missing"),
        ({"id": ""}, "field-invalid"),
        ({"id": "x" * 201}, "field-invalid"),
        ({"id": 7}, "field-invalid"),
        ({"value": None}, "field-missing"),
        ({"value": "NaN"}, "value-invalid"),
        ({"value": "Infinity"}, "value-invalid"),
        ({"value": "1e999"}, "value-invalid"),
        ({"value": True}, "value-invalid"),
        ({"value": [1]}, "value-invalid"),
        ({"value": "99,5 %"}, "value-invalid"),
        ({"value": 5, "unit": "x" * 51}, "field-invalid"),
        ({"indicator": "--"}, "field-invalid"),
        ({"observedAt": "2026-11-23T12:05:01Z"}, "observed-in-future"),
        ({"observedAt": "9999-12-31T23:59:59Z"}, "observed-in-future"),
        ({"observedAt": "2026-11-23T11:00:00"}, "field-invalid"),
        ({"observedAt": "0001-01-01T00:00:00+14:00"}, "field-invalid"),
        ({"observedAt": 1e308}, "field-invalid"),
        ({"window": -5}, "field-invalid"),
        ({"window": "-PT1H"}, "field-invalid"),
        ({"window": "P999D"}, "field-invalid"),
        ({"window": 0}, "field-invalid"),
        ({"product": "urn:dpds:org.example:dataproducts:nowhere:1"}, "product-unknown"),
        ({"product": "' OR 1=1 --"}, "product-unknown"),
        ({"port": "elsewhere"}, "port-unknown"),
        ({"more": 1}, "field-unknown"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_code_and_harms_no_other(
    client: TestClient, changes: dict[str, Any], code: str
) -> None:
    told = sent(client, measured(**changes), measured("good"))
    assert (told["stored"], told["refused"]) == (1, 1)
    refused, good = told["observations"]
    assert (refused["state"], refused["code"], good["state"]) == ("refused", code, "stored")
    assert refused["message"].endswith(".")


@pytest.mark.parametrize("item", [None, 7, "x", [], [measured()]])
def test_what_is_no_object_is_refused(client: TestClient, item: Any) -> None:
    assert sent(client, item)["observations"] == [
        {"id": "", "state": "refused", "code": "field-invalid", "message": "An observation is an object."}
    ]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"observations": []}, 422, "observations-invalid"),
        ({"observations": [measured(str(number)) for number in range(1001)]}, 422, "observations-invalid"),
        ({"observations": [{}] * 10_000}, 422, "observations-invalid"),
        ({"observations": {}}, 422, "request-invalid"),
        ({}, 422, "request-invalid"),
        ([measured()], 422, "request-invalid"),
        ({"observations": [measured()], "more": 1}, 422, "request-invalid"),
        ({"observations": ["x" * (1 << 20)]}, 413, "body-too-large"),
    ],
)
def test_a_batch_that_is_none_or_too_large_is_refused_as_a_whole(
    client: TestClient, house: House, body: Any, status: int, code: str
) -> None:
    answer = client.post("/v1/observations", json=body)
    assert (answer.status_code, problem(answer)["code"]) == (status, code)
    assert slo(client)["observations"] == 0


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e400", "1e308, 1e308"])
def test_a_body_that_is_no_strict_json_is_refused(client: TestClient, number: str) -> None:
    text = orjson.dumps({"observations": [measured(value=12345)]}).decode().replace("12345", number)
    answer = client.post("/v1/observations", content=text, headers={"content-type": "application/json"})
    assert (answer.status_code, problem(answer)["code"]) == (400, "body-unreadable")


def test_a_thousand_at_once_are_taken(client: TestClient) -> None:
    batch = [measured(str(number), value=number, unit="s") for number in range(1000)]
    assert sent(client, *batch)["stored"] == 1000
    assert sent(client, *batch)["repeated"] == 1000
    assert slo(client)["observations"] == 500, "the newest ones count"


def test_the_largest_number_is_kept_as_it_is(client: TestClient) -> None:
    assert sent(client, measured(value=1e308, indicator="rows"))["observations"][0] == {
        "id": "1",
        "state": "stored",
        "promised": False,
    }


@pytest.mark.parametrize(
    ("changes", "promised"),
    [
        ({}, True),
        ({"port": ""}, True),
        ({"port": None}, True),
        ({"indicator": "Fresh-ness"}, True),
        ({"value": 99.5, "indicator": "availability"}, True),
        ({"value": "99 %"}, False),
        ({"indicator": "latency"}, False),
        ({"product": "urn:org.example:dataproducts:parcels:1"}, True),
        ({"product": "urn:dpds:org.example:dataproducts:parcels"}, True),
    ],
)
def test_whether_the_product_promises_it_is_told(client: TestClient, changes: dict[str, Any], promised: bool) -> None:
    assert sent(client, measured(**changes))["observations"] == [{"id": "1", "state": "stored", "promised": promised}]


def test_the_id_of_a_line_names_it_too(client: TestClient) -> None:
    id = client.get(f"/v1/products/{LINE}").json()["id"]
    assert sent(client, measured(product=id.upper()))["stored"] == 1


def test_ids_belong_to_the_principal_and_domains_narrow_who_may_observe(
    build: Callable[..., House], tmp_path: Path
) -> None:
    who = {
        "boss": ("operator", ""),
        "one": ("observer", "logistics"),
        "two": ("observer", "sales"),
        "r": ("reader", ""),
    }
    rows = [
        f"- {{id: {id}, sha256: {hashlib.sha256(id.encode()).hexdigest()}, roles: [{role}], domains: [{domain}]}}"
        for id, (role, domain) in who.items()
    ]
    (tmp_path / "tokens.yaml").write_text("\n".join(["tokens:", *rows]) + "\n")
    client = a_client(build(tmp_path, tokens=tmp_path / "tokens.yaml"))
    assert submit(client, PARCELS, Authorization="Bearer boss").status_code == 201
    assert sent(client, measured(), Authorization="Bearer one")["stored"] == 1
    assert sent(client, measured(value="PT9M"), Authorization="Bearer boss")["stored"] == 1
    (refused,) = sent(client, measured("2"), Authorization="Bearer two")["observations"]
    assert refused["code"] == "forbidden"
    answer = client.post("/v1/observations", json={"observations": [measured()]}, headers={"Authorization": "Bearer r"})
    assert (answer.status_code, problem(answer)["code"]) == (403, "forbidden")


def test_observations_take_no_part_in_the_commit_order(client: TestClient, house: House) -> None:
    from catalog.heads import head

    before = head(house.database, at=house.clock())
    sent(client, measured())
    assert head(house.database, at=house.clock()) == before
