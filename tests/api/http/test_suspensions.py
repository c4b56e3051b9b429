"""Is a policy set aside only by who may, only for a while, and is that seen in every decision it affects?"""

from __future__ import annotations

from typing import Any

import pytest
from doors import NOW, YAML, a_client, problem, product, submit
from starlette.testclient import TestClient

from api.auth.permissions import LOCAL
from api.flows import suspensions as flow
from api.wiring import House
from engine.errors import Forbidden, NotFound
from engine.model import Principal

POLICY = "mesh.ownership.owner_declared"
PII = "mesh.privacy.pii_needs_terms"
ASSIGNMENTS = f"""\
- {{policy: {POLICY}, scope: mesh, enforcement: blocking, parameters: {{id_pattern: "@another[.]org$"}}}}
- {{policy: {PII}, scope: mesh, enforcement: mandatory}}
"""


@pytest.fixture
def house(build: Any, tmp_path: Any) -> House:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/assignments.yaml").write_text(ASSIGNMENTS)
    house: House = build(tmp_path, governance=tmp_path / "rules")
    return house


@pytest.fixture
def client(house: House) -> TestClient:
    return a_client(house)


def suspend(client: TestClient, policy: str = POLICY, **body: str) -> Any:
    told = {"reason": "It finds owners that are there.", "until": "2026-12-01", **body}
    return client.post(f"/v1/policies/{policy}/suspension", json=told)


def decision(client: TestClient, **asked: str) -> dict[str, Any]:
    got = client.post("/v1/checks", params=asked, content=product(), headers=YAML).json()
    return dict(got["documents"][0]["decision"])


def run(decision: dict[str, Any]) -> dict[str, Any]:
    return next(one for one in decision["policies"] if one["policy"] == POLICY)


def test_a_suspended_policy_is_asked_as_a_shadow_and_the_decision_says_so(client: TestClient) -> None:
    assert decision(client)["outcome"] == "rejected"
    assert suspend(client).status_code == 200
    told = decision(client)
    assert told["outcome"] == "accepted"
    reason = "suspended until 2026-12-02T00:00Z by local: It finds owners that are there."
    assert run(told) == {
        "policy": POLICY,
        "state": "fail",
        "reason": reason,
        "enforcement": "shadow",
        "severity": "high",
        "suspended": True,
    }
    assert [one["disposition"] for one in told["findings"] if one["policy"] == POLICY] == ["shadow"]
    accepted = submit(client, product())
    assert accepted.status_code == 201
    assert run(accepted.json()["report"]["documents"][0]["decision"])["reason"] == reason


def test_it_ends_by_itself(client: TestClient) -> None:
    suspend(client)
    moments = ("2026-11-23", "2026-11-24", "2026-12-01T23:59:59Z", "2026-12-02")
    outcomes = [decision(client, as_of=moment)["outcome"] for moment in moments]
    assert outcomes == ["rejected", "accepted", "accepted", "rejected"]  # on the 23rd it began at noon


def test_it_is_lifted_before_its_end(client: TestClient, house: House) -> None:
    suspend(client)
    assert client.delete(f"/v1/policies/{POLICY}/suspension").status_code == 204
    assert (decision(client)["outcome"], "suspended" in run(decision(client))) == ("rejected", False)
    assert problem(client.delete(f"/v1/policies/{POLICY}/suspension"))["code"] == "not-found"
    told = [(one.kind, one.payload["policy"]) for one in house.changes.after(0, principal=LOCAL)]
    assert told == [("policy.suspended", POLICY), ("policy.unsuspended", POLICY)]
    assert suspend(client).status_code == 200
    assert decision(client)["outcome"] == "accepted"


def test_a_second_suspension_replaces_the_first(client: TestClient) -> None:
    suspend(client)
    assert suspend(client, until="2026-11-25", reason="Shorter.").json()["ends"] == "2026-11-26T00:00:00+00:00"
    assert decision(client, as_of="2026-11-26")["outcome"] == "rejected"


def test_the_digests_of_decisions_tell_them_apart(client: TestClient) -> None:
    before = decision(client)
    suspend(client)
    during = decision(client)
    assert during["assignments_digest"] != before["assignments_digest"]
    assert during["waivers_digest"] == before["waivers_digest"]


@pytest.mark.parametrize(
    ("policy", "body", "told"),
    [
        (POLICY, {"reason": " "}, "A suspension needs a reason"),
        (POLICY, {"until": "soon"}, "until: `soon` is neither a day"),
        (POLICY, {"until": "2026-11-22"}, "to a moment to come"),
        (POLICY, {"until": "2027-02-23"}, "for 90 days at most"),
        (PII, {"until": "2026-12-25"}, "for 30 days at most"),
    ],
)
def test_one_without_reason_or_end_in_reach_is_refused(
    client: TestClient, house: House, policy: str, body: dict[str, str], told: str
) -> None:
    got = suspend(client, policy, **body)
    assert (got.status_code, problem(got)["code"]) == (422, "suspension-invalid")
    assert told in got.json()["detail"]
    assert house.changes.after(0, principal=LOCAL) == ()


def test_the_longest_reach_is_counted_from_now(client: TestClient) -> None:
    assert NOW.date().isoformat() == "2026-11-23"
    assert suspend(client, PII, until="2026-12-23").status_code == 200
    assert suspend(client, POLICY, until="2027-02-21").status_code == 200


def test_a_policy_that_is_not_there_cannot_be_suspended(client: TestClient) -> None:
    unknown = problem(suspend(client, "mesh.no.such"))
    assert (unknown["code"], "`meshgate policy trace` names" in unknown["detail"]) == ("not-found", True)
    assert f"did you mean {POLICY}?" in problem(suspend(client, f"{POLICY}s"))["detail"]


def test_a_suspended_policy_that_errs_stops_nothing(client: TestClient, house: House) -> None:
    from engine.policy.in_memory import InMemoryEngine

    def broken(_: Any) -> Any:
        raise RuntimeError("it is broken")

    functions: dict[str, Any] = {policy: lambda _: [] for policy in house.bundle.policies}
    house.__dict__["engine"] = InMemoryEngine({**functions, POLICY: broken})
    assert decision(client)["outcome"] == "undecided"
    suspend(client)
    told = decision(client)
    assert (told["outcome"], run(told)["state"]) == ("accepted", "error")
    assert run(told)["reason"].startswith("suspended until 2026-12-02")
    assert "it is broken" in run(told)["reason"]


def test_an_operator_of_some_domains_suspends_no_policy_of_the_mesh(house: House) -> None:
    limited = Principal("op", frozenset({"operator"}), frozenset({"logistics"}))
    with pytest.raises(Forbidden):
        flow.suspend(POLICY, reason="It is wrong.", until="2026-12-01", principal=limited, house=house)
    flow.suspend(POLICY, reason="It is wrong.", until="2026-12-01", principal=LOCAL, house=house)
    with pytest.raises(Forbidden):
        flow.unsuspend(POLICY, principal=limited, house=house)
    with pytest.raises(NotFound):  # one of its own would have been looked for
        flow.suspend("logistics.own", reason="It is wrong.", until="2026-12-01", principal=limited, house=house)
