"""Do hostile documents get the same answer over HTTP as from the loader, with the server alive?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from doors import a_client, a_house, problem
from hostile_documents import HOSTILE, TAMED, Hostile, Tamed
from starlette.testclient import TestClient

from api.auth.permissions import LOCAL
from api.wiring import House


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with a_house(tmp_path_factory.mktemp("data")) as house:
        yield house


@pytest.fixture(scope="module")
def client(house: House) -> TestClient:
    return a_client(house)


def parts(case: Hostile) -> list[Any]:
    names = ["root", *["file"] * (len(case.files) - 1)]
    return [(name, (path, content)) for name, (path, content) in zip(names, case.files.items(), strict=True)]


def first_problem(report: Any) -> tuple[str, str, int, int]:
    (document,) = report["documents"]
    assert document["decision"]["outcome"] == "undecided"
    told = document["problems"][0]
    return told["code"], told["file"], told["line"], told["column"]


def expected(case: Hostile) -> tuple[str, str, int, int]:
    return case.code, case.in_file or case.root, case.line, case.column


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case.id)
def test_a_check_reports_the_problem_at_its_place(client: TestClient, case: Hostile) -> None:
    got = client.post("/v1/checks", files=parts(case))
    assert got.status_code == 200, got.text
    assert first_problem(got.json()) == expected(case)


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case.id)
def test_a_submission_is_refused_with_the_same_report(client: TestClient, case: Hostile) -> None:
    got = client.post("/v1/descriptors", files=parts(case))
    told = problem(got)
    assert (got.status_code, told["code"]) == (400, "descriptor-unreadable")
    assert first_problem(told["report"]) == expected(case)


@pytest.mark.parametrize("case", TAMED, ids=lambda case: case.id)
def test_what_others_misread_is_reported_as_it_is_written(client: TestClient, case: Tamed) -> None:
    (document,) = client.post("/v1/checks", files=[("root", (case.file, case.content))]).json()["documents"]
    told = [(one["code"], one["line"], one["column"], one["hint"]) for one in document["problems"]]
    assert [one for one in told if one[0] != "DP455"] == list(case.problems)  # no namespace is configured


def test_nothing_hostile_became_a_version(client: TestClient, house: House) -> None:
    client.post("/v1/descriptors", files=parts(HOSTILE[0]))
    kinds = {change.kind for change in house.changes.after(0, principal=LOCAL, limit=1000)}
    assert kinds == {"decision.undecided"}


@pytest.mark.parametrize("body", [b'{"product": "a", "product": "b"}', b'{"a": NaN}', b"[" * 100_000, b"", b"\xff"])
def test_small_json_bodies_are_read_by_the_same_loader(client: TestClient, body: bytes) -> None:
    got = client.post("/v1/deployments", content=body[:60_000], headers={"Content-Type": "application/json"})
    assert (got.status_code, problem(got)["code"]) == (400, "body-unreadable")
