"""Does a server give the facts of its catalog page by page, and what past policies saw to auditors only?"""

from __future__ import annotations

import pytest
from doors import a_client, problem, product, submit

from api.flows import subjects as flow
from api.wiring import House
from catalog import cursor
from engine.errors import Forbidden
from engine.model import Principal

LINE = "urn:dpds:org.example:dataproducts:{}:1"


def test_subjects_come_in_pages_with_or_without_their_facts(house: House) -> None:
    client = a_client(house)
    for name in ("a", "b", "c"):
        submit(client, product(name))
    first = client.get("/v1/subjects", params={"limit": 2}).json()
    assert [one["product"]["name"] for one in first["subjects"]] == ["a", "b"]
    assert first["next"] == LINE.format("b")
    assert first["subjects"][0]["facts"]["mesh"]["consumers"] == []
    rest = client.get("/v1/subjects", params={"after": first["next"], "facts": False}).json()
    assert ([one["product"]["name"] for one in rest["subjects"]], rest["next"]) == (["c"], None)
    assert list(rest["subjects"][0]["facts"]) == ["accepted_at"]
    one = client.get("/v1/subjects", params={"product": LINE.format("b")}).json()
    assert [each["effective"]["info"]["name"] for each in one["subjects"]] == ["b"]


def test_past_decisions_come_newest_first_with_what_was_seen(house: House) -> None:
    client = a_client(house)
    for name in ("a", "b", "c"):
        submit(client, product(name))
    found = []
    after = None
    while True:
        page = client.get("/v1/subjects/decided", params={"limit": 2, **({"after": after} if after else {})}).json()
        found += page["decisions"]
        after = page["next"]
        if after is None:
            break
    assert len({one["id"] for one in found}) == 3
    assert all(one["input"]["_context"]["event"] == "submit" for one in found)
    assert problem(client.get("/v1/subjects/decided", params={"after": "nonsense"}))["code"] == "cursor-invalid"


@pytest.mark.parametrize(
    ("since", "count"),
    [
        ("2026-11-23", 1),
        ("2026-11-23T11:59:59", 1),
        ("2026-11-23T13:00:00+01:00", 1),
        ("2026-11-24", 0),
        ("9999-12-31", 0),
    ],
)
def test_past_decisions_since_a_day_or_moment(house: House, since: str, count: int) -> None:
    client = a_client(house)
    submit(client, product())
    assert len(client.get("/v1/subjects/decided", params={"since": since}).json()["decisions"]) == count


@pytest.mark.parametrize("since", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "1e300", "soon", ""])
def test_a_moment_that_is_none_is_a_fault_of_the_request(house: House, since: str) -> None:
    found = problem(a_client(house).get("/v1/subjects/decided", params={"since": since}))
    assert (found["status"], found["code"]) == (422, "request-invalid")


@pytest.mark.parametrize("keys", [["soon", "x"], ["2026-11-23", "x"], ["0001-01-01T00:00:00+23:59", "x"], ["x", "\0"]])
def test_a_cursor_that_somebody_made_up_is_refused(house: House, keys: list[str]) -> None:
    after = cursor.written(keys, scope="decided")
    assert problem(a_client(house).get("/v1/subjects/decided", params={"after": after}))["code"] == "cursor-invalid"


def test_who_is_no_auditor_is_not_shown_what_was_seen(house: House) -> None:
    with pytest.raises(Forbidden):
        flow.decided(principal=Principal("reader", frozenset({"reader"})), house=house)
