"""Does GraphQL show which release is in force, and which OPA holds which, on both stores?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import make
import pytest
from remembered import ANNA

from catalog import opas, releases
from catalog.database import Database

DAY = datetime(2026, 11, 20, 9, tzinfo=UTC)
LISTED = "pageInfo { hasNextPage endCursor } edges { cursor node { %s } }"


@pytest.fixture(autouse=True)
def three(database: Database) -> None:
    """Three releases of which the last is in force, and three OPA servers."""
    for number in range(1, 4):
        facts = releases.Facts(f"sha256:{number}", "a", "w", DAY, "gov" if number > 1 else "", number)
        with database.work(ANNA, at=make.NOW + timedelta(number)) as work:
            releases.activate(work, releases.add(work, bytes([number]), facts), kind="release.activated")
            opas.heard(
                work, opas.Opa(f"opa-{number}", {"region": "eu"}, f"sha256:{number}", "", "", "", "", [], work.at)
            )
            work.commit()


def test_releases_are_told_page_by_page(data: Any) -> None:
    asked = "query Q($after: String) { releases(first: 2, after: $after) { %s } }" % (
        LISTED % "number revision keyId policies principal activeSince reason"
    )
    one = data(asked)["releases"]
    two = data(asked, after=one["pageInfo"]["endCursor"])["releases"]
    told = [edge["node"] for page in (one, two) for edge in page["edges"]]
    assert [(page["pageInfo"]["hasNextPage"]) for page in (one, two)] == [True, False]
    assert [(node["number"], node["keyId"], node["activeSince"] is not None) for node in told] == [
        (3, "gov", True),
        (2, "gov", False),
        (1, "", False),
    ]


def test_opas_are_told_page_by_page(data: Any) -> None:
    asked = "query Q($after: String) { opas(first: 2, after: $after) { %s } }" % (
        LISTED % "name labels revision code errors"
    )
    one = data(asked)["opas"]
    two = data(asked, after=one["pageInfo"]["endCursor"])["opas"]
    told = [edge["node"] for page in (one, two) for edge in page["edges"]]
    assert [(node["name"], node["revision"]) for node in told] == [
        (f"opa-{number}", f"sha256:{number}") for number in (1, 2, 3)
    ]
    assert told[0]["labels"] == '{"region":"eu"}'


@pytest.mark.parametrize("after", ["x", "-1", "9" * 30])
def test_a_cursor_of_another_list_is_refused(ask: Any, after: str) -> None:
    answer = ask('{ releases(after: "%s") { edges { cursor } } }' % after)  # noqa: UP031 (braces)
    assert answer["errors"][0]["extensions"]["code"] == "cursor-invalid"


POLICING = {
    "releases": ("{ releases(first: $n) { edges { node { number revision keyId policies activeSince } } } }", 1),
    "opas": ("{ opas(first: $n) { edges { node { name labels revision code errors } } } }", 1),
}


@pytest.mark.parametrize("shape", POLICING)
def test_statements_do_not_grow_with_releases_and_opas(data: Any, counted: Any, shape: str) -> None:
    query, expected = POLICING[shape]
    sent = []
    for size in (1, 2, 3):
        with counted() as statements:
            data("query Q($n: Int!) " + query, n=size)
        sent.append(len(statements))
    assert sent == [expected] * 3
