"""Do both doors for descriptors take one document in every form, under one set of limits, with one report?"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from doors import a_client, problem, product
from starlette.testclient import TestClient

from api.wiring import House
from engine.descriptor import Limits, source

DOORS = ("/v1/checks", "/v1/descriptors")
LARGEST = Limits().size
PORT = b"""\
name: moved
version: "1.0.0"
description: ""
promises: {platform: postgresql, servicesType: datastore-services}
"""


@pytest.fixture
def client(house: House) -> TestClient:
    return a_client(house)


def unowned() -> bytes:
    return product(owner="")


def as_json() -> bytes:
    return json.dumps(_value(unowned())).encode()


def _value(text: bytes) -> Any:
    return source.parse("p.yaml", text, Limits()).value


def reports(client: TestClient, **sent: Any) -> list[dict[str, Any]]:
    """The entry for what was sent, from both doors."""
    checked, submitted = (client.post(door, **sent) for door in DOORS)
    assert (checked.status_code, submitted.status_code) == (200, 422)
    return [checked.json()["documents"][0], problem(submitted)["report"]["documents"][0]]


def told(entry: dict[str, Any], *, same_form: bool = True) -> dict[str, Any]:
    """The entry without its id; for another form also without places and the digest (of the mesh's revision too)."""
    unlike = {"id"} if same_form else {"id", "input_digest"}
    decision = {name: value for name, value in entry["decision"].items() if name not in unlike}
    hidden = set() if same_form else {"file", "line", "column"}
    found, problems = (
        [{name: value for name, value in one.items() if name not in hidden} for one in many]
        for many in (decision.pop("findings"), entry["problems"])
    )
    return {"product": entry["product"], "decision": decision, "findings": found, "problems": problems}


FORMS: dict[str, Callable[[], dict[str, Any]]] = {
    "YAML": lambda: {"content": unowned(), "headers": {"Content-Type": "application/yaml"}},
    "JSON": lambda: {"content": as_json(), "headers": {"Content-Type": "application/json; charset=utf-8"}},
    "multipart YAML": lambda: {"files": [("root", ("p.yaml", unowned()))]},
    "multipart JSON": lambda: {"files": [("root", ("p.json", as_json()))]},
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_document_gets_the_same_report_at_both_doors(client: TestClient, form: str) -> None:
    checked, submitted = reports(client, **FORMS[form]())
    assert told(checked) == told(submitted)
    plain, _ = reports(client, **FORMS["YAML"]())
    assert told(checked, same_form=False) == told(plain, same_form=False)
    assert [one["code"] for one in checked["decision"]["findings"] if one["disposition"] == "blocking"] == [
        "owner_missing"
    ]


def test_a_finding_in_a_part_is_placed_there_at_both_doors(client: TestClient) -> None:
    value = _value(unowned())
    value["interfaceComponents"]["outputPorts"] = [{"$ref": "ports/moved.yaml"}]
    sent = [("root", ("p.json", json.dumps(value).encode())), ("file", ("ports/moved.yaml", PORT))]
    for entry in reports(client, files=sent):
        places = {(one["file"], one["line"]) for one in entry["decision"]["findings"] if one["file"] != "p.json"}
        assert places == {("ports/moved.yaml", 3), ("ports/moved.yaml", 4)}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("encoding", ["gzip", "identity", "br", "deflate, gzip"])
def test_an_encoded_body_is_refused_at_both_doors(client: TestClient, door: str, encoding: str) -> None:
    for form in FORMS.values():
        sent = form()
        headers = {**sent.pop("headers", {}), "Content-Encoding": encoding}
        got = client.post(door, headers=headers, **sent)
        assert (got.status_code, problem(got)["code"]) == (415, "media-type-unsupported")


@pytest.mark.parametrize("door", DOORS)
def test_a_document_has_one_limit_in_every_form_and_at_both_doors(client: TestClient, door: str) -> None:
    large = unowned() + b"#" * LARGEST
    plain = client.post(door, content=large, headers={"Content-Type": "application/yaml"})
    assert (plain.status_code, problem(plain)["code"], problem(plain)["limit"]) == (413, "body-too-large", LARGEST)
    joined = client.post(door, files=[("root", ("p.yaml", large))])
    report = joined.json() if door == DOORS[0] else problem(joined)["report"]
    assert [one["code"] for one in report["documents"][0]["problems"]] == ["DP102"]


@pytest.mark.parametrize("door", DOORS)
def test_all_parts_together_have_a_limit_that_is_noticed_while_they_arrive(
    build: Callable[..., House], tmp_path: Path, door: str
) -> None:
    client = a_client(build(tmp_path, body_limit=5000))
    headers = {"Content-Type": "multipart/form-data; boundary=edge"}
    got = client.post(door, content=(b"x" * 1000 for _ in range(100)), headers=headers)
    assert (got.status_code, problem(got)["code"], problem(got)["limit"]) == (413, "body-too-large", 5000)
