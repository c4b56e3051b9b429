"""Do the REST calls on fitness, comparisons and saved requirements answer what they promise, and refuse the rest?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from doors import a_client, problem, product, submit
from needs import HUGE, MEMORY, finds

from api.auth.permissions import LOCAL
from api.flows.requirements import Saving, save
from api.flows.watching import follow
from api.wiring import House

PORT_IN_EU = '{ some port in input.interfaceComponents.outputPorts; endswith(port.promises.platform, ":eu") }\n'
IN_EU = finds('"no port is in the EU"', "not served", head=f"served if {PORT_IN_EU}")
MARKED = finds('"it is not marked"', 'input.info.description != "Marked."')
FQN = "urn:dpds:org.example:dataproducts:{}:1"


@pytest.fixture
def client(house: House) -> Any:
    with a_client(house) as made:
        for name in ("parcels", "letters"):
            assert submit(made, product(name)).status_code == 201
        yield made


def test_fitness_tells_every_candidate_and_stores_nothing(client: Any, house: House) -> None:
    before = house.changes.after(0, principal=LOCAL)
    told = client.post("/v1/fitness", json={"rego": IN_EU, "query": "name:letters"}).json()
    assert told == {
        "requirement": {"package": "need.found", "digest": told["requirement"]["digest"]},
        "found": {"value": 1, "exact": True},
        "considered": 1,
        "counts": {"fit": 1, "unfit": 0, "undecided": 0},
        "candidates": [
            {
                **{"fqn": FQN.format("letters"), "name": "letters", "version": "1.0.0", "status": "active"},
                **{"domain": "logistics", "owner": "jo@example.org"},
                **{"verdict": "fit", "reasons": [], "reason_count": 0, "undecided_because": ""},
            }
        ],
    }
    assert house.changes.after(0, principal=LOCAL) == before


def test_reasons_are_told_with_their_place(client: Any) -> None:
    body = {"rego": IN_EU.replace(":eu", ":us"), "candidates": 1}
    (one,) = client.post("/v1/fitness", json=body).json()["candidates"]
    reason = {"code": "found", "msg": "no port is in the EU", "path": "", "remediation": ""}
    assert (one["verdict"], one["reasons"], one["reason_count"]) == ("unfit", [reason], 1)


@pytest.mark.parametrize("text", [HUGE, MEMORY], ids=["huge output", "memory bomb"])
def test_what_swells_is_undecided_and_the_next_is_answered(client: Any, text: str) -> None:
    told = client.post("/v1/fitness", json={"rego": text}).json()
    assert told["counts"] == {"fit": 0, "unfit": 0, "undecided": 2}
    assert client.post("/v1/fitness", json={"rego": IN_EU}).json()["counts"]["fit"] == 2


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "requirement-invalid"),
        ({"rego": "package a"}, 422, "requirement-invalid"),
        ({"rego": finds('"x"', "http.send({}).status_code == 1")}, 422, "requirement-invalid"),
        ({"rego": IN_EU, "parameters": {"a": "x" * 20_000}}, 422, "requirement-invalid"),
        ({"rego": IN_EU, "candidates": 1001}, 422, "request-invalid"),
        ({"rego": IN_EU, "first": 1}, 422, "request-invalid"),
        ({"saved": "nothing"}, 404, "not-found"),
        ({"rego": "#" * 300_000}, 413, "body-too-large"),
    ],
)
def test_what_cannot_be_asked_is_a_problem(client: Any, body: dict[str, Any], status: int, code: str) -> None:
    told = problem(client.post("/v1/fitness", json=body))
    assert (told["status"], told["code"]) == (status, code)


def test_a_comparison_tells_every_row(client: Any) -> None:
    named = [FQN.format("parcels"), f"{FQN.format('letters')}@1.0.0"]
    told = client.post("/v1/comparisons", json={"products": named}).json()
    assert [one["fqn"] for one in told["products"]] == [FQN.format("parcels"), FQN.format("letters")]
    rows = {(row["aspect"], row["key"]): (row["values"], row["differs"]) for row in told["rows"]}
    assert rows["port", "outputport/moved/platform"] == (["postgresql:eu", "postgresql:eu"], False)
    assert not told["cut"]
    assert any(aspect == "policy" for aspect, _ in rows)


def test_what_cannot_be_compared_is_a_problem_that_names_it(client: Any) -> None:
    told = problem(client.post("/v1/comparisons", json={"products": [FQN.format("parcels"), "nothing"]}))
    assert (told["status"], told["code"], told["unknown"]) == (422, "comparison-invalid", ["nothing"])
    told = problem(client.post("/v1/comparisons", json={"products": [FQN.format("parcels")]}))
    assert (told["status"], told["code"]) == (422, "comparison-invalid")


def test_a_requirement_is_saved_followed_shown_and_deleted(client: Any, house: House) -> None:
    body = {"name": "in the EU", "rego": IN_EU, "query": "domain:logistics", "parameters": {}}
    made = client.post("/v1/requirements", json=body)
    assert made.status_code == 201
    place = made.headers["location"]
    assert made.json()["followed"] == {"cursor": -1, "day": "", "reason": ""}
    while follow(house, "me"):
        pass
    (listed,) = client.get("/v1/requirements").json()["requirements"]
    assert (listed["name"], listed["counts"], listed["principal"]) == ("in the EU", {"fit": 2, "unfit": 0}, "local")
    shown = client.get(place).json()
    assert {name: shown[name] for name in body} == body
    assert [(one["fqn"], one["verdict"]) for one in shown["standings"]] == [
        (FQN.format("letters"), "fit"),
        (FQN.format("parcels"), "fit"),
    ]
    assert client.get("/v1/requirements/in%20the%20EU").json() == shown
    assert client.post("/v1/fitness", json={"saved": "in the EU"}).json()["counts"]["fit"] == 2
    assert client.delete(place).status_code == 204
    assert problem(client.get(place))["status"] == 404
    assert problem(client.delete(place))["status"] == 404


def test_news_of_a_requirement_reach_its_owners_feed(client: Any, house: House) -> None:
    save(Saving("marked", MARKED), principal=LOCAL, house=house)
    while follow(house, "me"):
        pass
    marked = product("parcels", "1.1.0", description="Marked.")
    assert submit(client, marked).status_code == 201
    while follow(house, "me"):
        pass
    last = client.get("/v1/changes?after=0").json()["changes"][-1]
    assert (last["kind"], last["subject"]) == ("requirement.fits", FQN.format("parcels"))
    assert (last["payload"]["name"], last["payload"]["verdict"]) == ("marked", "fit")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "x"}, 422, "request-invalid"),
        ({"name": "", "rego": IN_EU}, 422, "requirement-invalid"),
        ({"name": "x", "rego": "no"}, 422, "requirement-invalid"),
        ({"name": "x", "rego": IN_EU, "owner": "me"}, 422, "request-invalid"),
    ],
)
def test_what_cannot_be_saved_is_a_problem(client: Any, body: dict[str, Any], status: int, code: str) -> None:
    told = problem(client.post("/v1/requirements", json=body))
    assert (told["status"], told["code"]) == (status, code)


def test_a_server_follows_saved_requirements_in_the_background(tmp_path: Path) -> None:
    import httpx2
    from doors import a_server, until

    with a_server(tmp_path) as (address, _), httpx2.Client(base_url=address, timeout=30) as client:
        assert submit(client, product("parcels")).status_code == 201
        assert client.post("/v1/requirements", json={"name": "marked", "rego": MARKED}).status_code == 201
        until(lambda: client.get("/v1/requirements/marked").json()["counts"]["unfit"] == 1, seconds=60)
        marked = product("parcels", "1.1.0", description="Marked.")
        assert submit(client, marked).status_code == 201
        until(lambda: client.get("/v1/requirements/marked").json()["counts"]["fit"] == 1, seconds=60)
        kinds = [one["kind"] for one in client.get("/v1/changes?after=0&limit=100").json()["changes"]]
        assert kinds.count("requirement.fits") == 1
