"""Is an exception asked for, granted and ended by people who may, and does it then excuse what a file would?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from doors import YAML, a_client, problem, product, submit
from starlette.testclient import TestClient

from api.auth.permissions import LOCAL
from api.wiring import House

LINE = "urn:dpds:org.example:dataproducts:parcels:1"
POLICY = "mesh.ownership.owner_declared"
ASSIGNMENT = f"""\
- {{policy: {POLICY}, scope: mesh, enforcement: blocking, parameters: {{id_pattern: "@another[.]org$"}}}}
"""
FILED = """\
- {id: W-1, policy: mesh.documentation.descriptions_present, product: "urn:dpds:org.example:dataproducts:letters:1",
   reason: Known., requested_by: ann, approved_by: bob, from: "2026-01-01", until: "2026-11-30"}
"""
TOKENS = {
    "team": ("logistics-team", "[submitter]", "[logistics]"),
    "other-team": ("sales-team", "[submitter]", "[sales]"),
    "steward": ("steward", "[approver]", "[]"),
    "sales-steward": ("sales-steward", "[approver]", "[sales]"),
    "operator": ("olga", "[operator]", "[]"),
    "both": ("boss", "[submitter, approver]", "[]"),
}
ASKED = {"policy": POLICY, "product": LINE, "reason": "The team moves.", "until": "2026-12-24", "ticket": "M-1"}


@pytest.fixture
def house(build: Callable[..., House], tmp_path: Path) -> House:
    rows = [
        f"- {{id: {who}, sha256: {hashlib.sha256(token.encode()).hexdigest()}, roles: {roles}, domains: {domains}}}"
        for token, (who, roles, domains) in TOKENS.items()
    ]
    (tmp_path / "tokens.yaml").write_text("\n".join(["tokens:", *rows]) + "\n")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/assignments.yaml").write_text(ASSIGNMENT)
    (tmp_path / "rules/waivers.yaml").write_text(FILED)
    return build(tmp_path, tokens=tmp_path / "tokens.yaml", governance=tmp_path / "rules")


@pytest.fixture
def client(house: House) -> TestClient:
    return a_client(house)


def by(token: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", **more}


@pytest.fixture
def refused(client: TestClient) -> None:
    """The product was submitted and refused, so that the catalog knows of it."""
    assert submit(client, product(), **by("team")).status_code == 422


def ask(client: TestClient, token: str = "team", **changes: Any) -> Any:
    body = {key: value for key, value in {**ASKED, **changes}.items() if value is not None}
    return client.post("/v1/waivers", json=body, headers=by(token))


def step(client: TestClient, waiver: str, name: str, token: str = "steward", **body: str) -> Any:
    return client.post(f"/v1/waivers/{waiver}/{name}", json=body, headers=by(token))


def listed(client: TestClient, **wanted: str) -> list[dict[str, Any]]:
    return list(client.get("/v1/waivers", params=wanted, headers=by("team")).json()["waivers"])


def kinds(house: House) -> list[str]:
    return [one.kind for one in house.changes.after(0, principal=LOCAL)]


def outcome(client: TestClient, **asked: str) -> str:
    headers = {**YAML, **by("team")}
    got = client.post("/v1/checks", params=asked, content=product(), headers=headers).json()
    return str(got["documents"][0]["decision"]["outcome"])


def test_a_waiver_excuses_only_once_somebody_else_approved_it(client: TestClient, house: House, refused: None) -> None:
    asked = ask(client)
    told = asked.json()
    assert (asked.status_code, told["state"], told["requested_by"]) == (201, "requested", "logistics-team")
    assert (outcome(client), submit(client, product(), **by("team")).status_code) == ("rejected", 422)
    approved = step(client, told["id"], "approve").json()
    assert (approved["state"], approved["approved_by"]) == ("approved", "steward")
    assert outcome(client) == "accepted"
    accepted = submit(client, product(), **by("team")).json()
    findings = accepted["report"]["documents"][0]["decision"]["findings"]
    (finding,) = [one for one in findings if one["policy"] == POLICY]
    assert (finding["disposition"], finding["waiver"]) == ("waived", told["id"])
    assert [kind for kind in kinds(house) if kind.startswith("waiver.")] == ["waiver.requested", "waiver.approved"]


def test_it_holds_to_the_end_of_its_last_day(client: TestClient, refused: None) -> None:
    step(client, ask(client, **{"from": "2026-12-01"}).json()["id"], "approve")
    moments = ("2026-11-30T23:59:59Z", "2026-12-01", "2026-12-24T23:59:59Z", "2026-12-25")
    assert [outcome(client, as_of=moment) for moment in moments] == ["rejected", "accepted", "accepted", "rejected"]


def test_a_revoked_waiver_excuses_nothing_more(client: TestClient, refused: None) -> None:
    waiver = ask(client).json()["id"]
    step(client, waiver, "approve")
    assert outcome(client) == "accepted"
    assert step(client, waiver, "revoke", reason="The owner is known again.").json()["state"] == "revoked"
    assert outcome(client) == "rejected"


@pytest.mark.parametrize("token", ["team", "both"])
def test_nobody_approves_their_own(client: TestClient, token: str, refused: None) -> None:
    waiver = ask(client, token).json()["id"]
    got = step(client, waiver, "approve", token)
    assert (got.status_code, problem(got)["code"]) == (403, "forbidden")
    assert listed(client, state="requested")[0]["id"] == waiver


def test_who_requested_one_may_take_it_back(client: TestClient, refused: None) -> None:
    waiver = ask(client).json()["id"]
    assert step(client, waiver, "revoke", "other-team", reason="x").status_code == 403
    assert step(client, waiver, "revoke", "team", reason="Not needed.").json()["state"] == "revoked"


def test_domains_are_kept_apart(client: TestClient, refused: None) -> None:
    assert ask(client, "other-team").status_code == 403
    waiver = ask(client).json()["id"]
    for name in ("approve", "reject", "revoke"):
        assert step(client, waiver, name, "sales-steward", reason="x").status_code == 403


@pytest.mark.parametrize(
    ("first", "then"), [("reject", "approve"), ("reject", "revoke"), ("approve", "reject"), ("approve", "approve")]
)
def test_a_step_leads_only_where_it_may(client: TestClient, first: str, then: str, refused: None) -> None:
    waiver = ask(client).json()["id"]
    assert step(client, waiver, first, reason="x").status_code == 200
    got = step(client, waiver, then, reason="x")
    assert (got.status_code, problem(got)["code"]) == (409, "waiver-decided")


@pytest.mark.parametrize("name", ["reject", "revoke"])
def test_a_no_needs_a_reason(client: TestClient, name: str, refused: None) -> None:
    got = step(client, ask(client).json()["id"], name, reason=" ")
    assert (got.status_code, problem(got)["errors"][0]["at"]) == (422, "reason")


@pytest.mark.parametrize(
    ("changes", "at", "told"),
    [
        ({"policy": "mesh.no.such"}, "policy", "the bundle has no policy `mesh.no.such`"),
        ({"code": "no_such"}, "code", "has no finding code `no_such`"),
        ({"product": "parcels"}, "product", "is not the fully qualified name of a product"),
        ({"product": f"{LINE[:-1]}7"}, "product", "nothing was ever submitted as"),
        ({"component": LINE}, "component", "is not the fully qualified name of a port or component"),
        ({"component": f"{LINE}:outputports:moved", "within": "/tags/0"}, "within", "`0` is a position"),
        ({"within": "tags"}, "within", "`tags` is no JSON Pointer"),
        ({"within": "/a~b"}, "within", "is no JSON Pointer"),
        ({"until": "2026-13-01"}, "until", "is no date"),
        ({"until": "2026-12-24T10:00:00"}, "until", "neither a day (2027-01-31) nor a moment with offset"),
        ({"until": "2026-11-22"}, "until", "ends (2026-11-22) before it begins"),
        ({"until": "2026-11-22", "from": "2026-11-01"}, "until", "has passed"),
        ({"until": " "}, "until", "is needed"),
        ({"reason": " "}, "reason", "is needed"),
        ({"reason": "x" * 2001}, "reason", "is longer than 2000 characters"),
    ],
)
def test_what_is_wrong_with_a_request_is_named(
    client: TestClient, changes: dict[str, str], at: str, told: str, refused: None
) -> None:
    got = ask(client, **changes)
    assert (got.status_code, problem(got)["code"]) == (422, "waiver-invalid")
    assert [one["at"] for one in got.json()["errors"]] == [at]
    assert told in got.json()["detail"]


@pytest.mark.parametrize("changes", [{"until": None}, {"approved_by": "me"}, {"requested_by": "you"}, {"id": "W-9"}])
def test_people_and_id_are_never_taken_from_the_body_and_an_end_is_needed(
    client: TestClient, changes: dict[str, Any], refused: None
) -> None:
    got = ask(client, **changes)
    assert (got.status_code, problem(got)["code"]) == (422, "request-invalid")


def test_a_request_twice_under_one_key_is_one_waiver(client: TestClient, refused: None) -> None:
    first, second = (
        client.post("/v1/waivers", json=ASKED, headers=by("team", **{"Idempotency-Key": "k"})) for _ in "12"
    )
    assert first.content == second.content
    waiver = first.json()["id"]
    keyed = by("steward", **{"Idempotency-Key": "k"})
    steps = [client.post(f"/v1/waivers/{waiver}/approve", headers=keyed) for _ in "12"]
    assert [one.status_code for one in steps] == [200, 200]
    assert len(listed(client, product=LINE)) == 1


def test_waivers_of_files_and_of_the_catalog_stand_in_one_list(client: TestClient, refused: None) -> None:
    waiver = ask(client).json()["id"]
    told = {one["id"]: (one["origin"], one["state"], one["file"]) for one in listed(client)}
    assert told == {"W-1": ("file", "in_force", "waivers.yaml:1"), waiver: ("catalog", "requested", "")}


def test_the_list_is_narrowed_by_product_policy_state_end_and_use(client: TestClient, refused: None) -> None:
    waiver = ask(client).json()["id"]
    step(client, waiver, "approve")

    def ids(**wanted: str) -> list[str]:
        return [one["id"] for one in listed(client, **wanted)]

    assert ids() == ["W-1", waiver]
    assert ids(product="urn:org.example:dataproducts:parcels") == [waiver]
    assert ids(policy=POLICY) == [waiver]
    assert ids(expiring_within="14") == ["W-1"]
    assert ids(state="requested") == []
    assert ids(unused="true") == ["W-1", waiver]
    submit(client, product(), **by("team"))
    assert (ids(unused="true"), ids(unused="false")) == (["W-1"], [waiver])
    assert [(one["expiring"], one["unused"]) for one in listed(client)] == [(True, True), (False, False)]


def test_one_of_the_governance_folder_is_changed_there(client: TestClient) -> None:
    got = step(client, "W-1", "revoke", reason="x")
    assert (got.status_code, "stands in the governance folder" in problem(got)["detail"]) == (404, True)
    assert step(client, "nobody", "approve").status_code == 404
    assert client.post("/v1/waivers/W-1/bless", json={}, headers=by("steward")).status_code == 422


def test_the_digest_of_a_decision_covers_waivers_of_both_kinds(client: TestClient, house: House, refused: None) -> None:
    def digest() -> str:
        return str(house.rules_now().digests[2])

    before = digest()
    assert before == house.governance.waivers_digest
    waiver = ask(client).json()["id"]
    assert digest() == before
    step(client, waiver, "approve")
    during = digest()
    assert during != before
    accepted = submit(client, product(), **by("team")).json()["report"]["documents"][0]["decision"]
    assert accepted["waivers_digest"] == during
    step(client, waiver, "revoke", reason="x")
    assert digest() == before


def test_the_released_bundle_carries_them_and_gives_the_same_verdict(
    client: TestClient, house: House, build: Callable[..., House], refused: None, tmp_path: Path
) -> None:
    from api.flows.check import check
    from engine.descriptor import Parts, Submission

    def bundle() -> Any:
        return client.get("/opa/bundles/mesh", headers=by("team"))

    without = bundle().headers["etag"]
    step(client, ask(client).json()["id"], "approve")
    answer = bundle()
    assert answer.headers["etag"] != without
    assert bundle().headers["etag"] == answer.headers["etag"]
    (tmp_path / "away").mkdir()
    (tmp_path / "away/mesh.tar.gz").write_bytes(answer.content)
    away = build(tmp_path / "away", policies=[str(tmp_path / "away/mesh.tar.gz")])
    del away.__dict__["bundle"]
    _, decision = check(Submission("p.yaml", Parts({"p.yaml": product()})), house=away)
    assert (str(decision.outcome), decision.waivers_digest) == ("accepted", house.rules_now().digests[2])
