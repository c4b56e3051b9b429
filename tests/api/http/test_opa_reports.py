"""Is what OPA servers report kept once, bounded and as masked as it came, whatever they send?"""

from __future__ import annotations

import gzip
import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from doors import NOW, a_client, a_house, problem
from starlette.testclient import TestClient

from api.auth.permissions import LOCAL
from api.flows.opas import reports
from api.http.routes import opas as routes
from api.wiring import House
from catalog import opas

GZIPPED = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
EVENT = {
    "decision_id": "4ca636c1-55e4-417a-b1d8-4aceb67960d1",
    "labels": {"id": "opa-1", "version": "1.22.2"},
    "bundles": {"mesh": {"revision": "sha256:one"}},
    "path": "meshgate/query/answer",
    "input": {"info": {"name": "orders"}},
    "result": {"evaluated": []},
    "erased": ["/input/info/owner"],
    "masked": ["/input/info/secret"],
    "timestamp": "2026-11-20T09:00:00.000000Z",
}
STATUS = {
    "labels": {"id": "opa-1", "version": "1.22.2", "region": "eu"},
    "bundles": {
        "mesh": {
            "name": "mesh",
            "active_revision": "sha256:one",
            "last_successful_activation": "2026-11-20T09:00:00Z",
            "last_successful_request": "2026-11-20T09:01:00Z",
            "code": "bundle_error",
            "message": "verification failed",
            "errors": [{"code": "x", "message": "y"}],
        }
    },
    "plugins": {"bundle": {"state": "OK"}},
}


@pytest.fixture
def client(house: House) -> TestClient:
    return a_client(house)


def sent(client: TestClient, events: Any) -> Any:
    return client.post("/opa/logs", content=gzip.compress(json.dumps(events).encode()), headers=GZIPPED)


def test_an_entry_is_kept_once_and_as_it_came(client: TestClient, house: House) -> None:
    answers = [
        sent(client, [EVENT, {**EVENT, "decision_id": "two"}]),
        sent(client, [EVENT, {**EVENT, "path": "other"}]),
    ]
    assert [one.json() for one in answers] == [
        {"stored": 2, "known": 0, "unreadable": 0},
        {"stored": 0, "known": 2, "unreadable": 0},
    ]
    kept = house.opas.decision(EVENT["decision_id"])  # type: ignore[arg-type]
    assert kept is not None
    assert json.loads(kept.event) == EVENT
    assert kept[1:5] == ("opa-1", "sha256:one", "meshgate/query/answer", EVENT["timestamp"])
    assert client.get(f"/opa/logs/{EVENT['decision_id']}").json() == EVENT
    assert problem(client.get("/opa/logs/none"))["code"] == "not-found"


def test_plain_json_is_taken_too(client: TestClient) -> None:
    assert client.post("/opa/logs/eu", json=[EVENT]).json()["stored"] == 1


def test_what_holds_no_decision_id_is_counted_and_does_not_stop_the_others(client: TestClient) -> None:
    made = sent(client, [1, None, {}, {"decision_id": 7}, {"decision_id": ""}, EVENT, {"decision_id": "bare\0"}])
    assert made.json() == {"stored": 2, "known": 0, "unreadable": 5}


def test_a_large_entry_is_kept_without_its_large_parts(client: TestClient, house: House) -> None:
    sent(client, [{**EVENT, "input": "x" * reports.LARGEST}])
    kept = house.opas.decision(EVENT["decision_id"])  # type: ignore[arg-type]
    assert kept is not None
    told = json.loads(kept.event)
    assert told["meshgate_cut"] == ["bundles", "input", "labels", "result"]
    assert told["masked"] == EVENT["masked"]


def test_entries_are_forgotten_in_time_and_beyond_their_number(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def log(*ids: str) -> None:
        reports.log([{"decision_id": one} for one in ids], principal=LOCAL, house=house)

    log("old")
    house.clock = lambda: NOW + opas.KEPT_FOR + timedelta(seconds=1)
    log("a", "b", "c")
    monkeypatch.setattr(opas, "MOST_DECISIONS", 2)
    log("d")
    assert [one for one in ("old", "a", "b", "c", "d") if house.opas.decision(one)] == ["c", "d"]


def test_the_last_status_of_each_opa_is_shown(client: TestClient) -> None:
    client.post("/opa/status", json=STATUS)
    client.post("/opa/status/eu", json={**STATUS, "labels": {"id": "opa-2"}, "bundles": {}})
    client.post("/opa/status", json={**STATUS, "bundles": {"mesh": {"active_revision": "sha256:two"}}})
    one, two = client.get("/v1/opas").json()["opas"]
    assert (one["id"], one["revision"], one["code"], one["labels"]["region"]) == ("opa-1", "sha256:two", "", "eu")
    assert (two["id"], two["revision"], two["activated"]) == ("opa-2", "", "")
    assert [found["id"] for found in client.get("/v1/opas?after=opa-1").json()["opas"]] == ["opa-2"]


def test_what_went_wrong_there_is_told(client: TestClient) -> None:
    client.post("/opa/status", content=gzip.compress(json.dumps(STATUS).encode()), headers=GZIPPED)
    (one,) = client.get("/v1/opas").json()["opas"]
    assert (one["code"], one["message"]) == ("bundle_error", "verification failed")
    assert one["errors"] == ['{"code":"x","message":"y"}']
    assert (one["activated"], one["requested"]) == ("2026-11-20T09:00:00Z", "2026-11-20T09:01:00Z")


def test_an_opa_may_call_our_bundle_as_it_likes(client: TestClient, house: House) -> None:
    own = {"authz": {"active_revision": "sha256:one", "revision": "sha256:one"}}
    client.post("/opa/status", json={**STATUS, "bundles": own})
    client.post("/opa/status", json={"labels": {"id": "two"}, "bundles": {**own, "more": {"active_revision": "x"}}})
    assert [one["revision"] for one in client.get("/v1/opas").json()["opas"]] == ["sha256:one", ""]
    sent(client, [{**EVENT, "bundles": own}])
    kept = house.opas.decision(EVENT["decision_id"])  # type: ignore[arg-type]
    assert kept is not None
    assert kept.revision == "sha256:one"


def test_silent_opas_and_too_many_are_forgotten(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def report(id: str) -> None:
        reports.status({"labels": {"id": id}}, principal=LOCAL, house=house)

    report("silent")
    house.clock = lambda: NOW + opas.KEPT_FOR + timedelta(seconds=1)
    monkeypatch.setattr(opas, "MOST_OPAS", 2)
    for number in range(4):
        house.clock = lambda number=number: NOW + opas.KEPT_FOR + timedelta(minutes=number + 1)
        report(f"opa-{number}")
    assert [one.id for one in house.opas.page()] == ["opa-2", "opa-3"]


def test_reports_are_no_change_of_the_mesh(client: TestClient, house: House) -> None:
    sent(client, [EVENT])
    client.post("/opa/status", json=STATUS)
    assert client.get("/v1/changes").json()["changes"] == []


def bomb(size: int) -> bytes:
    return gzip.compress(b"[" + b" " * size + b"]")


HOSTILE = {
    "a log that unpacks to more than agreed": ("/opa/logs", bomb(routes.UNPACKED), "gzip", "body-too-large"),
    "no gzip": ("/opa/logs", b"\x1f\x8b" + b"\0" * 100, "gzip", "body-unreadable"),
    "a gzip that is cut off": ("/opa/logs", gzip.compress(b"[]")[:-4], "gzip", "body-unreadable"),
    "a gzip that something follows": ("/opa/logs", gzip.compress(b"[]") + b"more", "gzip", "body-unreadable"),
    "another encoding": ("/opa/logs", b"[]", "br", "media-type-unsupported"),
    "broken JSON": ("/opa/logs", b"{", "", "body-unreadable"),
    "deep JSON": ("/opa/logs", b"[" * 100_000, "", "body-unreadable"),
    "no list": ("/opa/logs", b"{}", "", "usage"),
    "a long list": ("/opa/logs", b"[" + b"1," * reports.LARGEST_LIST + b"1]", "", "usage"),
    "a large log": ("/opa/logs", b" " * (routes.PACKED + 1), "", "body-too-large"),
    "a status that unpacks to more than agreed": ("/opa/status", bomb(routes.STATUS), "gzip", "body-too-large"),
    "no status": ("/opa/status", b"[]", "", "usage"),
    "a status without a name": ("/opa/status", b'{"labels": {"id": 1}}', "", "usage"),
    "a status without labels": ("/opa/status", b'{"labels": []}', "", "usage"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bodies_are_refused_and_nothing_is_kept(name: str, client: TestClient, house: House) -> None:
    path, content, encoding, code = HOSTILE[name]
    headers = {"Content-Type": "application/json", **({"Content-Encoding": encoding} if encoding else {})}
    assert problem(client.post(path, content=content, headers=headers))["code"] == code
    assert house.opas.page() == ()


@pytest.mark.parametrize("path", ["/v1/descriptors", "/v1/checks", "/v1/releases"])
def test_no_other_call_takes_what_is_packed(path: str, client: TestClient) -> None:
    refused = client.post(path, content=gzip.compress(b"{}"), headers={"Content-Encoding": "gzip"})
    assert (refused.status_code, problem(refused)["code"]) == (415, "media-type-unsupported")


def test_odd_texts_of_an_opa_are_bounded(client: TestClient, tmp_path: Path) -> None:
    odd = {"labels": {"id": "\0" + "x" * 9999, "n": 1}, "bundles": {"mesh": {"errors": ["e" * 9999] * 99, "code": {}}}}
    assert client.post("/opa/status", json=odd).status_code == 200
    (one,) = client.get("/v1/opas").json()["opas"]
    assert (len(one["id"]), len(one["errors"]), len(one["errors"][0]), one["code"]) == (2000, 20, 2000, "{}")


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_a_nul_in_any_text_of_an_entry_stops_no_log(store: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    flags = {} if store == "sqlite" else {"database_url": request.getfixturevalue("postgresql_url")}
    strange = {
        **EVENT,
        "labels": {"id": "\0"},
        "path": "\0",
        "timestamp": "\0",
        "bundles": {"mesh": {"revision": "\0"}},
    }
    with a_house(tmp_path, **flags) as house:
        house.database.upgrade()
        assert reports.log([strange], principal=LOCAL, house=house).stored == 1
        found = house.opas.decision(str(EVENT["decision_id"]))
    assert found is not None
    assert (found.path, found.timestamp) == ("\ufffd", "\ufffd")
    assert json.loads(found.event) == strange


MASKS = """package system.log

import rego.v1

mask contains "/input/info/name"
"""


@pytest.fixture
def masking(tmp_path: Path) -> TestClient:
    """A server with a mask policy, an OPA and a reader and an auditor, named by their tokens."""
    (tmp_path / "governance" / "mask").mkdir(parents=True)
    (tmp_path / "governance" / "mask" / "mask.rego").write_text(MASKS)
    rows = [
        f"- {{id: {role}, sha256: {hashlib.sha256(role.encode()).hexdigest()}, roles: [{role}]}}"
        for role in ("opa", "reader", "auditor")
    ]
    (tmp_path / "tokens.yaml").write_text("\n".join(["tokens:", *rows]) + "\n")
    return a_client(a_house(tmp_path, governance=tmp_path / "governance", tokens=tmp_path / "tokens.yaml"))


def entry_for(client: TestClient, role: str) -> Any:
    return client.get(f"/opa/logs/{EVENT['decision_id']}", headers={"Authorization": f"Bearer {role}"})


def test_an_entry_leaves_masked_for_all_but_auditors(masking: TestClient) -> None:
    cache = {"nd_builtin_cache": {"f": {'["orders"]': 1}}}
    sent_by = {**GZIPPED, "Authorization": "Bearer opa"}
    body = gzip.compress(json.dumps([{**EVENT, **cache}]).encode())
    assert masking.post("/opa/logs", content=body, headers=sent_by).json()["stored"] == 1
    assert entry_for(masking, "auditor").json() == {**EVENT, **cache}
    shown = entry_for(masking, "reader")
    assert "orders" not in shown.text
    assert (shown.json()["input"], shown.json()["erased"]) == ({"info": {}}, ["/input/info/name", "/input/info/owner"])


def test_a_mask_that_fails_lets_no_entry_leave(masking: TestClient, tmp_path: Path) -> None:
    broken = MASKS.replace('"/input/info/name"', "1 if input.input.info.name")
    (tmp_path / "governance" / "mask" / "mask.rego").write_text(broken)
    again = a_client(a_house(tmp_path, governance=tmp_path / "governance", tokens=tmp_path / "tokens.yaml"))
    body = gzip.compress(json.dumps([EVENT]).encode())
    again.post("/opa/logs", content=body, headers={**GZIPPED, "Authorization": "Bearer opa"})
    got = entry_for(again, "reader")
    assert (got.status_code, problem(got)["code"]) == (503, "mask-invalid")
