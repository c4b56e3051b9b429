"""Does `POST /v1/descriptors` answer exactly as DESIGN §6 says, and store only what it accepted?"""

from __future__ import annotations

from typing import Any

import pytest
from doors import a_client, problem, product, submit
from starlette.testclient import TestClient

from api.auth.permissions import LOCAL
from api.wiring import House
from engine.errors import PolicyEngineUnavailable
from engine.model import PolicyFailure

LINE = "urn:dpds:org.example:dataproducts:parcels:1"


@pytest.fixture
def client(house: House) -> TestClient:
    return a_client(house)


def kinds(house: House) -> list[str]:
    return [change.kind for change in house.changes.after(0, principal=LOCAL)]


def test_an_accepted_descriptor_is_stored_where_location_says(client: TestClient, house: House) -> None:
    got = submit(client, product())
    assert (got.status_code, got.headers["Location"]) == (201, f"/v1/products/{LINE}/versions/1.0.0")
    told = got.json()
    assert told["status"] == "stored"
    assert told["product"]["fqn"] == LINE
    assert told["report"]["summary"] == {"documents": 1, "accepted": 1, "rejected": 0, "undecided": 0}
    assert client.get(got.headers["Location"]).content == product()
    assert kinds(house) == ["decision.accepted", "version.accepted"]


@pytest.mark.parametrize("name", ["売上", "Łódź", "smile-😀", "größe", "a b?c", "a/b"])
def test_location_leads_to_a_product_of_any_name(client: TestClient, name: str) -> None:
    got = submit(client, product(name))
    assert (got.status_code, got.json()["product"]["fqn"]) == (201, f"urn:dpds:org.example:dataproducts:{name}:1")
    assert got.headers["Location"].isascii()
    assert client.get(got.headers["Location"]).content == product(name)


def test_the_decision_can_be_read_afterwards(client: TestClient) -> None:
    told = submit(client, product()).json()
    got = client.get(f"/v1/decisions/{told['decision']}").json()
    assert (got["outcome"], got["fqn"], got["version"], got["principal"]) == ("accepted", LINE, "1.0.0", "local")
    assert got["record"] == told["report"]["documents"][0]


def test_equal_content_is_answered_with_the_decision_of_then(client: TestClient, house: House) -> None:
    first = submit(client, product())
    second = submit(client, product() + b"# a comment is no content\n")
    assert (second.status_code, second.headers["Location"]) == (200, first.headers["Location"])
    assert second.json() == {**first.json(), "status": "unchanged"}
    assert kinds(house) == ["decision.accepted", "version.accepted"]


def test_other_content_under_the_same_version_conflicts(client: TestClient) -> None:
    first = submit(client, product()).json()
    got = submit(client, product(description="Other parcels."))
    told = problem(got)
    assert (got.status_code, told["code"], told["version"]) == (409, "version-conflict", "1.0.0")
    assert told["decision"] == first["decision"]


def test_versions_that_differ_in_build_metadata_only_conflict(client: TestClient) -> None:
    submit(client, product())
    assert submit(client, product(version="1.0.0+build.7")).status_code == 409


def test_a_rejected_descriptor_leaves_only_its_decision(client: TestClient, house: House) -> None:
    got = submit(client, product(owner=""))
    told = problem(got)
    assert (got.status_code, told["code"]) == (422, "descriptor-rejected")
    codes = {finding["code"] for finding in told["report"]["documents"][0]["decision"]["findings"]}
    assert "owner_missing" in codes
    assert client.get(f"/v1/products/{LINE}").status_code == 404
    assert client.get(f"/v1/decisions/{told['decision']}").json()["outcome"] == "rejected"
    assert kinds(house) == ["decision.rejected"]


def test_a_rejected_version_number_stays_free(client: TestClient) -> None:
    submit(client, product(owner=""))
    assert submit(client, product()).status_code == 201


def test_an_unreadable_descriptor_says_where(client: TestClient, house: House) -> None:
    got = submit(client, product() + b"info: {}\n")
    told = problem(got)
    assert (got.status_code, told["code"]) == (400, "descriptor-unreadable")
    assert told["detail"].startswith("descriptor.yaml:25:1: DP108 ")
    assert kinds(house) == ["decision.undecided"]


class Silent:
    """An engine that never answers in the agreed form."""

    name, version = "silent", "1"

    def evaluate(self, *_: Any) -> Any:
        raise PolicyEngineUnavailable("nobody answers")

    def close(self) -> None:
        """Nothing is held."""


class Erring(Silent):
    """An engine in which every policy fails."""

    name = "erring"

    def evaluate(self, _bundle: Any, policies: Any, _document: Any) -> Any:
        return {policy: PolicyFailure(policy, "division by zero") for policy in policies}


def test_without_a_policy_engine_nothing_is_accepted(client: TestClient, house: House) -> None:
    house.__dict__["engine"] = Silent()
    got = submit(client, product())
    told = problem(got)
    assert (got.status_code, told["code"], got.headers["Retry-After"]) == (503, "policy-engine-unavailable", "5")
    assert client.get(f"/v1/products/{LINE}").status_code == 404
    assert kinds(house) == ["decision.undecided"]


def test_a_policy_that_errs_is_named_with_its_owner(client: TestClient, house: House) -> None:
    house.__dict__["engine"] = Erring()
    got = submit(client, product())
    told = problem(got)
    assert (got.status_code, told["code"]) == (500, "policy-error")
    id = "mesh.ownership.owner_declared"
    owner = house.bundle.policies[id].owner
    assert {"policy": id, "owner": owner, "reason": "division by zero"} in told["policies"]
    assert client.get(f"/v1/products/{LINE}").status_code == 404


def test_a_submission_of_several_files_keeps_each_byte_for_byte(client: TestClient) -> None:
    root = product().replace(b"  - name: moved\n", b"  - $ref: ports/moved.yaml\n")
    head, _, rest = root.partition(b"  - $ref: ports/moved.yaml\n")
    port = b"name: moved  # kept\n" + rest.replace(b"\n    ", b"\n").removeprefix(b"    ")
    root = head + b"  - $ref: ports/moved.yaml\n"
    files = [("root", ("product.yaml", root)), ("file", ("ports/moved.yaml", port))]
    got = client.post("/v1/descriptors", files=files)
    assert got.status_code == 201, got.text
    place = got.headers["Location"]
    assert client.get(place).content == root
    assert client.get(place, params={"part": "ports/moved.yaml"}).content == port
    assert client.get(place, params={"part": "ports/none.yaml"}).status_code == 404


@pytest.mark.parametrize(
    "files",
    [
        [("file", ("a.yaml", b"x"))],
        [("root", ("a.yaml", b"x")), ("root", ("b.yaml", b"x"))],
        [("root", ("a.yaml", b"x")), ("file", ("b.yaml", b"x")), ("file", ("b.yaml", b"y"))],
        [("root", ("a.yaml", b"x")), ("file", ("../b.yaml", b"x"))],
        [("root", ("a.yaml", b"x")), ("file", ("/etc/passwd", b"x"))],
        [("root", ("a.yaml", b"x")), ("file", ("a\\b.yaml", b"x"))],
        [("root", ("a.yaml", b"x")), ("file", ("b//c.yaml", b"x"))],
        [("root", ("a.yaml", b"x")), ("other", ("b.yaml", b"x"))],
    ],
    ids=["no root", "two roots", "twice", "upwards", "absolute", "backslash", "empty step", "strange name"],
)
def test_parts_with_wrong_names_are_a_fault_of_the_request(client: TestClient, files: Any) -> None:
    got = client.post("/v1/descriptors", files=files)
    assert (got.status_code, problem(got)["code"]) == (400, "body-unreadable")


@pytest.mark.parametrize("call", ["/v1/descriptors", "/v1/checks"])
def test_bodies_of_other_kinds_are_refused(client: TestClient, call: str) -> None:
    for kind in ("application/x-www-form-urlencoded", "text/plain", "application/xml"):
        got = client.post(call, content=product(), headers={"Content-Type": kind})
        assert (got.status_code, problem(got)["code"]) == (415, "media-type-unsupported")


@pytest.mark.parametrize("call", ["/v1/descriptors", "/v1/checks"])
def test_a_document_of_more_than_one_mebibyte_is_refused(client: TestClient, call: str) -> None:
    got = client.post(call, content=b"#" * (1024 * 1024 + 1), headers={"Content-Type": "application/yaml"})
    assert (got.status_code, problem(got)["code"]) == (413, "body-too-large")


def test_the_previous_version_is_seen_by_the_next(client: TestClient) -> None:
    submit(client, product())
    assert submit(client, product(version="1.1.0")).status_code == 201
    versions = client.get(f"/v1/products/{LINE}").json()["versions"]
    assert [version["version"] for version in versions] == ["1.1.0", "1.0.0"]
