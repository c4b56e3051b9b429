"""Which media type does an `Accept` header get?"""

from __future__ import annotations

import pytest

from api.graphql.negotiation import GRAPHQL, JSON, answer_type, wants_page


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/json", JSON),
        (GRAPHQL, GRAPHQL),
        (GRAPHQL.upper(), GRAPHQL),
        (f"{GRAPHQL}; charset=utf-8, application/json; charset=utf-8", GRAPHQL),
        (f"{GRAPHQL};q=0.1, {JSON}", JSON),
        (f"{GRAPHQL};q=0", JSON),
        (f"{GRAPHQL};q=many", JSON),
        ("text/html, image/png", JSON),
    ],
)
def test_the_newer_type_is_answered_where_it_is_named_and_not_less_wanted(accept: str | None, expected: str) -> None:
    assert answer_type(accept) == expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, False),
        ("*/*", False),
        ("application/json", False),
        ("text/html;q=0", False),
        ("text/html,*/*;q=0.8", True),
    ],
)
def test_only_a_browser_gets_the_page(accept: str | None, expected: bool) -> None:
    assert wants_page(accept) is expected
