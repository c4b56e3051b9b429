"""Is access asked for, judged, granted and ended by people who may, and is every step told?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from doors import NOW, ROOT, a_client, problem, product, submit
from starlette.testclient import TestClient

from api.auth.permissions import LOCAL
from api.wiring import House
from engine.errors import PolicyEngineUnavailable

LINE = "urn:dpds:org.example:dataproducts:parcels:1"
TOKENS = {
    "team": ("logistics-team", "[submitter]", "[logistics]"),
    "ana": ("ana", "[consumer]", "[]"),
    "steward": ("steward", "[approver]", "[logistics]"),
    "sales-steward": ("sales-steward", "[approver]", "[sales]"),
    "both": ("boss", "[consumer, approver]", "[]"),
    "reader": ("rita", "[reader]", "[]"),
}
ASKED = {"product": LINE, "port": "moved", "environment": "dev", "subject": "user:ana", "purpose": "To find lost ones."}
PURPOSE = """\
# METADATA
# title: Whoever reads says what for
# description: Access is granted for a purpose.
# organizations: [data-governance]
# custom:
#   severity: high
#   category: privacy
#   enforcement: blocking
#   events: [access]
#   findings:
#     purpose_missing: {title: No purpose, remediation: Say what for.}
package mesh.access.purpose_declared

violation contains finding if {
	asked := input._context.access
	asked.purpose in {"", "nothing"}
	finding := {
		"code": "purpose_missing",
		"msg": sprintf("%s says not what %s is for", [asked.subject, asked.port]),
		"path": ["_context", "access", "purpose"],
	}
}
"""


@pytest.fixture
def house(build: Callable[..., House], tmp_path: Path) -> House:
    rows = [
        f"- {{id: {who}, sha256: {hashlib.sha256(token.encode()).hexdigest()}, roles: {roles}, domains: {domains}}}"
        for token, (who, roles, domains) in TOKENS.items()
    ]
    (tmp_path / "tokens.yaml").write_text("\n".join(["tokens:", *rows]) + "\n")
    place = tmp_path / "rules/mesh/access/purpose_declared"
    place.mkdir(parents=True)
    (place / "purpose_declared.rego").write_text(PURPOSE)
    made = build(tmp_path, tokens=tmp_path / "tokens.yaml", policies=[str(ROOT / "policies"), str(tmp_path / "rules")])
    del made.__dict__["bundle"]
    return made


@pytest.fixture
def client(house: House) -> TestClient:
    client = a_client(house)
    made = submit(client, product(), **by("team"))
    assert made.status_code == 201, made.text
    return client


def by(token: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", **more}


def ask(client: TestClient, token: str = "ana", headers: dict[str, str] | None = None, **changes: Any) -> Any:
    body = {key: value for key, value in {**ASKED, **changes}.items() if value is not None}
    return client.post("/v1/access-requests", json=body, headers={**by(token), **(headers or {})})


def step(client: TestClient, request: str, name: str, token: str = "steward", **body: str) -> Any:
    return client.post(f"/v1/access-requests/{request}/{name}", json=body, headers=by(token))


def listed(client: TestClient, **wanted: Any) -> list[dict[str, Any]]:
    return list(client.get("/v1/access-requests", params=wanted, headers=by("reader")).json()["requests"])


def told(house: House) -> list[str]:
    return [one.kind for one in house.changes.after(0, principal=LOCAL) if one.kind.startswith("access.")]


def test_access_is_granted_once_somebody_of_the_domain_approved_it(client: TestClient, house: House) -> None:
    asked = ask(client)
    made = asked.json()
    assert (asked.status_code, made["state"], made["requested_by"], made["version"]) == (
        201,
        "requested",
        "ana",
        "1.0.0",
    )
    assert asked.headers["location"] == f"/v1/access-requests/{made['id']}"
    assert made["ends"] == (NOW + timedelta(days=365)).isoformat()
    assert house.decisions.record(made["decision_id"], principal=LOCAL)["decision"]["outcome"] == "accepted"
    granted = step(client, made["id"], "approve").json()
    assert (granted["state"], granted["approved_by"], granted["effect"]) == ("approved", "steward", "waiting")
    assert "nothing of" in granted["effect_reason"]
    assert told(house) == ["access.requested", "access.approved"]
    one = client.get(f"/v1/access-requests/{made['id']}", headers=by("reader"))
    assert one.json() == granted
    assert listed(client) == [granted]


def test_a_policy_that_hears_access_sees_the_request_and_refuses_it(client: TestClient, house: House) -> None:
    refused = ask(client, purpose="nothing")
    found = problem(refused)
    assert (refused.status_code, found["code"]) == (422, "access-refused")
    assert found["reasons"][0]["code"] == "purpose_missing"
    assert found["reasons"][0]["msg"] == "user:ana says not what moved is for"
    assert (listed(client), told(house)) == ([], [])
    record = house.decisions.record(found["decision"], principal=LOCAL)["decision"]
    assert (record["outcome"], record["policies"][0]["state"]) == ("rejected", "fail")
    kept = (house.decisions.effective_input(found["decision"], principal=LOCAL) or {})["_context"]
    assert (kept["event"], kept["environment"]) == ("access", "dev")
    assert kept["access"] == {
        "subject": "user:ana",
        "purpose": "nothing",
        "until": (NOW + timedelta(days=365)).isoformat(),
        "port": "moved",
        "environment": "dev",
    }


def test_where_policies_cannot_be_asked_nothing_is_kept(
    client: TestClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> object:
        raise PolicyEngineUnavailable("it is away")

    monkeypatch.setattr(type(house.engine), "evaluate", fails)
    before = len(house.changes.after(0, principal=LOCAL))
    got = ask(client)
    assert (got.status_code, problem(got)["code"]) == (503, "policy-engine-unavailable")
    assert (listed(client), len(house.changes.after(0, principal=LOCAL))) == ([], before)


def test_an_approval_asks_the_policies_once_more(client: TestClient, house: House) -> None:
    made = ask(client, purpose="nothing but looking").json()
    file = house.settings.data_dir / "rules/mesh/access/purpose_declared/purpose_declared.rego"
    file.write_text(PURPOSE.replace('"nothing"', '"nothing but looking"'))
    for name in ("bundle", "rules", "policy_sources", "governance"):
        house.__dict__.pop(name, None)
    refused = step(a_client(house), made["id"], "approve")
    assert (refused.status_code, problem(refused)["code"]) == (422, "access-refused")
    assert listed(client)[0]["state"] == "requested"


def test_nobody_approves_their_own_nor_what_is_for_them(client: TestClient) -> None:
    own = ask(client, "both", subject="group:fraud").json()
    for_them = ask(client, subject="user:Boss").json()
    for request, why in ((own, "requested this access"), (for_them, "is to get this access")):
        got = step(client, request["id"], "approve", "both")
        assert (got.status_code, problem(got)["code"]) == (403, "forbidden")
        assert why in problem(got)["detail"]
    assert step(client, own["id"], "revoke", "both", reason="not needed").json()["state"] == "revoked"


def test_only_approvers_of_the_domain_that_has_the_product_decide(client: TestClient) -> None:
    made = ask(client).json()
    for token in ("sales-steward", "ana", "team", "reader"):
        got = step(client, made["id"], "approve", token)
        assert (got.status_code, problem(got)["code"]) == (403, "forbidden"), token
    assert step(client, made["id"], "reject", "sales-steward", reason="no").status_code == 403
    assert ask(client, "reader").status_code == 403
    assert ask(client, "steward").status_code == 403


def test_a_step_that_does_not_lead_on_is_refused_and_changes_nothing(client: TestClient, house: House) -> None:
    made = ask(client).json()
    assert problem(step(client, made["id"], "reject"))["code"] == "access-invalid"
    assert step(client, made["id"], "reject", reason="not for you").json()["note"] == "not for you"
    for name in ("approve", "reject", "revoke"):
        got = step(client, made["id"], name, reason="again")
        assert (got.status_code, problem(got)["code"]) == (409, "access-decided")
    assert problem(step(client, "there-is-none", "approve"))["code"] == "not-found"
    assert told(house) == ["access.requested", "access.rejected"]


def test_the_same_is_not_asked_for_twice_at_once(client: TestClient) -> None:
    made = ask(client).json()
    again = ask(client, "both")
    assert (again.status_code, problem(again)["code"]) == (409, "access-waiting")
    assert problem(again)["request"] == made["id"]
    step(client, made["id"], "approve")
    assert ask(client, until="2027-01-31").status_code == 201  # a renewal, before the first one ends


def test_a_repeated_request_under_a_key_gives_the_first_answer(client: TestClient) -> None:
    key = {"Idempotency-Key": "one"}
    first, second = ask(client, headers=key), ask(client, headers=key)
    assert (second.status_code, second.json()) == (201, first.json())
    assert second.headers["idempotency-replayed"] == "true"
    assert problem(ask(client, headers=key, purpose="another"))["code"] == "idempotency-key-reused"


WRONG: list[tuple[dict[str, Any], int, str, str]] = [
    ({"subject": "ana"}, 422, "access-invalid", "subject: has to be"),
    ({"subject": "user: "}, 422, "access-invalid", "subject: has to be"),
    ({"subject": "role:admin"}, 422, "access-invalid", "subject: has to be"),
    ({"subject": "user:a\u0001b"}, 422, "access-invalid", "subject: has to be"),
    ({"subject": "user:a\nb"}, 422, "access-invalid", "subject: has to be"),
    ({"subject": "user:" + "a" * 500}, 422, "access-invalid", "subject: has to be"),
    ({"subject": "product:orders"}, 422, "access-invalid", "names no product line"),
    ({"subject": f"product:{LINE}:outputports:moved"}, 422, "access-invalid", "names no product line"),
    ({"port": "moves"}, 422, "access-invalid", "has no such output port; there are moved"),
    ({"port": ""}, 422, "access-invalid", "has no such output port"),
    ({"purpose": "x" * 2001}, 422, "access-invalid", "purpose: is no plain text"),
    ({"purpose": "a\u0001b"}, 422, "access-invalid", "purpose: is no plain text"),
    ({"until": "2026-11-22"}, 422, "access-invalid", "until: has passed"),
    ({"until": "soon"}, 422, "access-invalid", "until: `soon` is neither a day"),
    ({"until": "2028-01-01"}, 422, "access-invalid", "later than the 365 days"),
    ({"environment": "moon"}, 404, "not-found", "There is no environment `moon`"),
    ({"product": "urn:dpds:org.example:dataproducts:none:1"}, 404, "not-found", "There is no product"),
]


@pytest.mark.parametrize(("changes", "status", "code", "detail"), WRONG)
def test_what_cannot_be_asked_for_is_refused_with_its_reason(
    client: TestClient, changes: dict[str, Any], status: int, code: str, detail: str
) -> None:
    got = ask(client, **changes)
    assert (got.status_code, problem(got)["code"]) == (status, code)
    assert detail in problem(got)["detail"]
    assert listed(client) == []


def test_a_subject_may_hold_anything_that_a_name_may(client: TestClient) -> None:
    names = ["user:o'neil; DROP ROLE x --", 'group:"quoted"', "user:ä ö\u2003ü", "user:${HOME}"]
    for name in names:
        assert ask(client, subject=name).json()["subject"] == name
        assert [one["subject"] for one in listed(client, subject=name)] == [name]
    assert ask(client, subject="product:urn:org.example:dataproducts:parcels:1.0.0").status_code in (201, 422)


def test_the_list_is_paged_and_narrowed(client: TestClient) -> None:
    made = [ask(client, subject=f"user:u{number}").json()["id"] for number in range(5)]
    step(client, made[0], "approve")
    found, after = [], None
    while True:
        asked = {"limit": 2, **({"after": after} if after else {})}
        page = client.get("/v1/access-requests", params=asked, headers=by("reader")).json()
        found += [one["id"] for one in page["requests"]]
        after = page["next"]
        if after is None:
            break
    assert sorted(found) == sorted(made)
    assert [one["id"] for one in listed(client, state="approved")] == [made[0]]
    assert {one["id"] for one in listed(client, state=["approved", "requested"])} == set(made)
    assert listed(client, environment="prod") == listed(client, port="none") == []
    assert len(listed(client, product=LINE)) == 5
    other = client.get("/v1/access-requests", params={"after": "bm90", "limit": 2}, headers=by("reader"))
    assert problem(other)["code"] == "cursor-invalid"
