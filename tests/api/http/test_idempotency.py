"""Does a request with an `Idempotency-Key` have its effect once, and the same answer every time?"""

from __future__ import annotations

from typing import Any

import pytest
from doors import a_client, problem, product, submit
from starlette.testclient import TestClient

from api.auth.permissions import LOCAL
from api.flows.once import Once
from api.wiring import House
from engine.errors import PolicyEngineUnavailable

KEY = "Idempotency-Key"


@pytest.fixture
def client(house: House) -> TestClient:
    return a_client(house)


def keyed(client: TestClient, content: bytes, key: str = "one") -> Any:
    return submit(client, content, **{KEY: key})


def decisions(house: House) -> int:
    return sum(change.kind.startswith("decision.") for change in house.changes.after(0, principal=LOCAL))


def test_the_same_request_again_is_answered_with_the_same_bytes(client: TestClient, house: House) -> None:
    first, second = keyed(client, product()), keyed(client, product())
    assert (first.status_code, second.status_code) == (201, 201)
    assert (second.content, second.headers["Location"]) == (first.content, first.headers["Location"])
    assert ("Idempotency-Replayed" in first.headers, second.headers["Idempotency-Replayed"]) == (False, "true")
    assert decisions(house) == 1


def test_a_rejection_is_replayed_too(client: TestClient, house: House) -> None:
    first, second = keyed(client, product(owner="")), keyed(client, product(owner=""))
    assert (first.status_code, second.content) == (422, first.content)
    assert second.headers["content-type"] == "application/problem+json"
    assert decisions(house) == 1


def test_a_conflict_is_replayed_too(client: TestClient) -> None:
    submit(client, product())
    first = keyed(client, product(description="Other."))
    assert (first.status_code, keyed(client, product(description="Other.")).content) == (409, first.content)


def test_another_request_under_the_key_is_refused(client: TestClient) -> None:
    keyed(client, product())
    got = keyed(client, product(version="1.1.0"))
    assert (got.status_code, problem(got)["code"]) == (422, "idempotency-key-reused")


def test_another_key_is_another_request(client: TestClient) -> None:
    assert [keyed(client, product(), key).status_code for key in ("one", "two")] == [201, 200]


def test_while_the_first_one_runs_the_second_is_told_so(client: TestClient, house: House) -> None:
    from api.http import submissions

    sent = submissions.read(product(), "application/yaml")
    first: Once[Any] = Once("one", sent.digest(b"descriptors"), principal=LOCAL, told=lambda _: None)
    assert first.claim(house.database) is None
    got = keyed(client, product())
    assert (got.status_code, problem(got)["code"]) == (409, "idempotency-key-in-flight")
    first.close(house.database, None)
    assert keyed(client, product()).status_code == 201


def test_an_answer_that_says_not_now_is_not_kept(client: TestClient, house: House) -> None:
    class Silent:
        name, version = "silent", "1"

        def evaluate(self, *_: Any) -> Any:
            raise PolicyEngineUnavailable("nobody answers")

    engine = house.engine
    house.__dict__["engine"] = Silent()
    assert keyed(client, product()).status_code == 503
    house.__dict__["engine"] = engine
    assert keyed(client, product()).status_code == 201


def test_a_multipart_request_is_the_same_whatever_its_boundary(client: TestClient) -> None:
    def sent(boundary: str) -> Any:
        kind = {"Content-Type": f"multipart/form-data; boundary={boundary}", KEY: "one"}
        return client.post("/v1/descriptors", files=[("root", ("product.yaml", product()))], headers=kind)

    first, second = sent("first"), sent("second")
    assert (first.status_code, second.content) == (201, first.content)
    assert second.headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("key", ["", 256 * "k"])
def test_a_key_of_a_strange_length_is_refused(client: TestClient, key: str) -> None:
    got = keyed(client, product(), key)
    assert (got.status_code, problem(got)["code"]) == (400, "usage")
