"""Do decisions leave the log masked, in order and resumably, and is only an operator let erase what one saw?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from doors import a_client, problem, product, submit
from starlette.testclient import TestClient

from api.auth.permissions import ROLES
from api.wiring import House
from catalog.chain import verify

OWNER = "jo@example.org"
HIDES_OWNERS = """package system.log

import rego.v1

mask contains "/input/info/owner" if input.input.info.owner

mask contains {"op": "upsert", "path": sprintf("/result/decision/findings/%d/msg", [i]), "value": "(hidden)"} if {
	some i, _ in input.result.decision.findings
}
"""
BREAKS_AT_THE_FIFTH = """package system.log

import rego.v1

mask := [] if not endswith(input.input.info.version, "4.0")
"""


def bearer(role: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {role}"}


@pytest.fixture
def masked_house(build: Callable[..., House], tmp_path: Path) -> Callable[[str], House]:
    """Builds a house with this mask policy and a token for each role."""

    def built(policy: str) -> House:
        (tmp_path / "governance" / "mask").mkdir(parents=True)
        (tmp_path / "governance" / "mask" / "mask.rego").write_text(policy)
        rows = [
            f"- {{id: {role}, sha256: {hashlib.sha256(role.encode()).hexdigest()}, roles: [{role}]}}" for role in ROLES
        ]
        (tmp_path / "tokens.yaml").write_text("\n".join(["tokens:", *rows]) + "\n")
        return build(tmp_path, governance=tmp_path / "governance", tokens=tmp_path / "tokens.yaml")

    return built


@pytest.fixture
def masked(masked_house: Callable[[str], House]) -> TestClient:
    client = a_client(masked_house(HIDES_OWNERS))
    assert submit(client, product(), **bearer("operator")).status_code == 201
    assert submit(client, product("letters", owner=""), **bearer("operator")).status_code == 422
    return client


def lines(client: TestClient, role: str | None = None, **query: Any) -> list[dict[str, Any]]:
    answer = client.get("/v1/decisions", params=query, headers=bearer(role) if role else {})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    return [json.loads(line) for line in answer.text.splitlines()]


# --- export -----------------------------------------------------------------------------------------------------------


def test_an_export_goes_on_after_the_cursor_of_any_line(house: House) -> None:
    client = a_client(house)
    for number in range(40):
        submit(client, product(version=f"1.{number}.0"))
    whole = lines(client)
    assert [one["input"]["info"]["version"] for one in whole] == [f"1.{number}.0" for number in range(40)]
    assert [one["revision"] for one in whole] == list(range(1, 41))
    assert lines(client, after=whole[16]["cursor"]) == whole[17:]
    assert lines(client, after=whole[3]["cursor"], limit=20) == whole[4:24]
    assert lines(client, after=whole[-1]["cursor"]) == []


def test_an_export_holds_a_few_decisions_at_a_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from api.auth.permissions import LOCAL
    from api.flows import decisions as flow

    client = a_client(house)
    for number in range(5):
        submit(client, product(version=f"1.{number}.0"))
    monkeypatch.setattr(flow, "AT_ONCE", 2)
    asked: list[int] = []
    after = house.log.after
    monkeypatch.setattr(house.log, "after", lambda *a, **k: (asked.append(k["limit"]), after(*a, **k))[1])
    found = flow.exported(None, principal=LOCAL, house=house)
    assert asked == []
    next(found)
    assert asked == [2]
    assert (len(list(found)), asked) == (4, [2, 2, 2])


def test_a_line_is_an_event_as_opa_logs_it(house: House) -> None:
    client = a_client(house)
    stored = submit(client, product()).json()
    (one,) = lines(client)
    assert sorted(one) == [
        *("bundles", "cursor", "decision_id", "input", "path", "requested_by", "result", "revision", "schema"),
        "timestamp",
    ]
    assert (one["schema"], one["path"], one["requested_by"]) == ("meshgate/decision/1", "meshgate/submit", "local")
    assert one["bundles"] == {"mesh": {"revision": house.bundle.revision}}
    assert one["result"]["decision"]["id"] == one["decision_id"]
    assert one["input"]["_context"]["event"] == "submit"
    assert stored["report"]["documents"] == [one["result"]]


@pytest.mark.parametrize("query", ["after=nonsense", "after="])
def test_a_cursor_of_nothing_is_refused(house: House, query: str) -> None:
    got = a_client(house).get(f"/v1/decisions?{query}")
    assert (got.status_code, problem(got)["code"]) == (400, "cursor-invalid")


# --- masking ----------------------------------------------------------------------------------------------------------


def test_an_export_is_masked_and_only_an_auditor_gets_the_complete_one(masked: TestClient) -> None:
    for role in ("reader", "auditor"):
        first, second = lines(masked, role)
        assert OWNER not in json.dumps([first, second])
        assert first["erased"] == ["/input/info/owner"]
        assert {one["msg"] for one in second["result"]["decision"]["findings"]} == {"(hidden)"}
    assert lines(masked, "auditor", complete=True)[0]["input"]["info"]["owner"]["id"] == OWNER
    got = masked.get("/v1/decisions?complete=true", headers=bearer("submitter"))
    assert (got.status_code, problem(got)["action"]) == (403, "see what the mask policy hides")


def test_one_decision_is_masked_for_all_but_auditors_over_http_and_graphql(masked: TestClient) -> None:
    refused = lines(masked, "auditor", complete=True)[1]
    path = f"/v1/decisions/{refused['decision_id']}"
    told = {role: masked.get(path, headers=bearer(role)).json()["record"] for role in ("reader", "auditor")}
    assert {one["msg"] for one in told["reader"]["decision"]["findings"]} == {"(hidden)"}
    assert told["auditor"] == refused["result"]


def test_graphql_tells_what_the_mask_leaves(masked_house: Callable[[str], House]) -> None:
    from catalog.shown import StoredDecision
    from engine.model import Principal

    house = masked_house(HIDES_OWNERS)
    client = a_client(house)
    assert submit(client, product(description=""), **bearer("operator")).status_code == 201
    query = "{ search(first: 1) { edges { node { compliance { findings { edges { node { message } } } } } } } }"

    def told(role: str) -> list[str]:
        answer = client.post("/graphql", json={"query": query}, headers=bearer(role)).json()
        (node,) = [edge["node"] for edge in answer["data"]["search"]["edges"]]
        return [edge["node"]["message"] for edge in node["compliance"]["findings"]["edges"]]

    complete = told("auditor")
    assert complete
    assert "(hidden)" not in complete
    assert told("reader") == ["(hidden)"] * len(complete)
    (found,) = house.seen.found([lines(client, "reader")[0]["decision_id"]], principal=Principal("x")).values()
    assert isinstance(found, StoredDecision)


def test_a_mask_that_hides_the_whole_report_leaves_empty_lists(masked_house: Callable[[str], House]) -> None:
    house = masked_house('package system.log\n\nimport rego.v1\n\nmask contains "/result"\n')
    client = a_client(house)
    submit(client, product(), **bearer("operator"))
    (one,) = lines(client, "reader")
    assert "result" not in one or one["result"] is None
    told = client.get(f"/v1/decisions/{one['decision_id']}", headers=bearer("reader")).json()
    assert (told["outcome"], told["record"]) == ("accepted", None)


def test_a_broken_mask_lets_nothing_leave(masked_house: Callable[[str], House]) -> None:
    client = a_client(masked_house("package system.log\n\nimport rego.v1\n\nmask := [] if input.never\n"))
    assert submit(client, product(), **bearer("operator")).status_code == 201
    decision = lines(client, "auditor", complete=True)[0]["decision_id"]
    for path in ("/v1/decisions", f"/v1/decisions/{decision}"):
        got = client.get(path, headers=bearer("reader"))
        assert (got.status_code, problem(got)["code"]) == (503, "mask-invalid")
    answer = client.post(
        "/graphql",
        json={"query": "{ search(first: 1) { edges { node { compliance { outcome } } } } }"},
        headers=bearer("reader"),
    ).json()
    assert answer["errors"][0]["extensions"]["code"] == "mask-invalid"
    assert OWNER not in json.dumps(answer)


def test_a_mask_that_breaks_on_the_way_cuts_a_stream_and_refuses_a_page(masked_house: Callable[[str], House]) -> None:
    client = a_client(masked_house(BREAKS_AT_THE_FIFTH))
    for number in range(7):
        submit(client, product(version=f"1.{number}.0"), **bearer("operator"))
    read: list[str] = []
    with (  # noqa: PT012
        pytest.raises(RuntimeError, match="response already started"),
        client.stream("GET", "/v1/decisions", headers=bearer("reader")) as answer,
    ):
        for line in answer.iter_lines():
            read.append(line)
    assert len(read) < 5
    assert len(lines(client, "reader", limit=4)) == 4
    got = client.get("/v1/decisions?limit=5", headers=bearer("reader"))
    assert (got.status_code, problem(got)["code"]) == (503, "mask-invalid")


# --- erasing ----------------------------------------------------------------------------------------------------------


def test_erasing_leaves_a_tombstone_that_every_door_shows(house: House) -> None:
    client = a_client(house)
    submit(client, product("letters", owner=""))
    decision = lines(client)[0]["decision_id"]
    body = {"reason": "asked for by the person it concerns", "record": True}
    for _ in range(2):
        got = client.post(f"/v1/decisions/{decision}/erasure", json=body)
        assert (got.status_code, got.json()["decisions"]) == (200, [decision])
    (one,) = lines(client)
    assert (one["input"], one["result"], one["input_erased_at"]) == (None, None, "2026-11-23T12:00:00+00:00")
    told = client.get(f"/v1/decisions/{decision}").json()
    assert (told["outcome"], told["record"]) == ("rejected", None)
    change = client.get("/v1/changes").json()["changes"][-1]
    assert (change["kind"], change["principal"]) == ("decision.input-erased", "local")
    assert change["payload"]["reason"] == body["reason"]
    assert verify(house.database).holds


def test_a_version_is_told_as_before_when_its_input_was_erased(house: House) -> None:
    client = a_client(house)
    first = submit(client, product()).json()
    decision = lines(client)[0]["decision_id"]
    assert client.post(f"/v1/decisions/{decision}/erasure", json={"reason": "x"}).status_code == 200
    again = submit(client, product())
    assert (again.status_code, again.json()["report"]) == (200, first["report"])


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "request-invalid"),
        ({"reason": " "}, 422, "erasure-invalid"),
        ({"reason": "x", "record": "yes"}, 422, "request-invalid"),
        ({"reason": "x", "typo": 1}, 422, "request-invalid"),
        ({"reason": "x", "record": True}, 422, "erasure-invalid"),  # a version stands on it
    ],
)
def test_an_erasure_that_cannot_be_done_erases_nothing(
    house: House, body: dict[str, Any], status: int, code: str
) -> None:
    client = a_client(house)
    submit(client, product())
    decision = lines(client)[0]["decision_id"]
    got = client.post(f"/v1/decisions/{decision}/erasure", json=body)
    assert (got.status_code, problem(got)["code"]) == (status, code)
    assert lines(client)[0]["input"] is not None


@pytest.fixture
def divided(build: Callable[..., House], tmp_path: Path) -> TestClient:
    """A server with an operator of everything, and one of each of two domains, named by their tokens."""
    who = {"all": "", "logistics": "logistics", "sales": "sales"}
    rows = [
        f"- {{id: {one}, sha256: {hashlib.sha256(one.encode()).hexdigest()}, roles: [operator], domains: [{domains}]}}"
        for one, domains in who.items()
    ]
    (tmp_path / "tokens.yaml").write_text("\n".join(["tokens:", *rows]) + "\n")
    return a_client(build(tmp_path, tokens=tmp_path / "tokens.yaml"))


def erase(client: TestClient, decision: str, who: str) -> int:
    return client.post(f"/v1/decisions/{decision}/erasure", json={"reason": "x"}, headers=bearer(who)).status_code


@pytest.mark.parametrize("owner", ["jo@example.org", ""], ids=["accepted", "rejected"])
def test_an_operator_of_other_domains_erases_nothing(divided: TestClient, owner: str) -> None:
    submit(divided, product(owner=owner), **bearer("all"))
    (one,) = lines(divided, "all")
    assert erase(divided, one["decision_id"], "sales") == 403
    assert lines(divided, "all")[0]["input"] is not None
    assert erase(divided, one["decision_id"], "logistics") == 200
    assert lines(divided, "all")[0]["input"] is None


def test_what_was_decided_about_a_product_is_erased_by_the_domain_that_has_it_now(divided: TestClient) -> None:
    submit(divided, product(), **bearer("all"))
    moved = product(version="1.1.0").replace(b"domain: logistics", b"domain: sales")
    assert submit(divided, moved, **bearer("all")).status_code == 201
    first = lines(divided, "all")[0]["decision_id"]
    assert [erase(divided, first, who) for who in ("logistics", "sales")] == [403, 200]


def test_an_operator_of_some_domains_opens_no_rescan_of_all_of_them(divided: TestClient) -> None:
    got = divided.post("/v1/rescans", headers=bearer("sales"))
    assert (got.status_code, problem(got)["code"]) == (403, "forbidden")
    assert divided.post("/v1/rescans", headers=bearer("all")).status_code == 202


def test_what_is_not_there_cannot_be_erased(house: House) -> None:
    got = a_client(house).post("/v1/decisions/nothing/erasure", json={"reason": "x"})
    assert (got.status_code, problem(got)["code"]) == (404, "not-found")
