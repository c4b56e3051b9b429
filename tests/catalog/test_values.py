"""Cursors, summaries, kept columns and search documents, each by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType

import pytest
from remembered import identity, output, product
from sqlalchemy.dialects import sqlite

from catalog import cursor, summary
from catalog.search.query import DIALECTS, analysed
from catalog.tables.columns import Moment, dumps
from catalog.text import document
from catalog.text.document import MOST_TOKENS
from engine.errors import CursorInvalid


def test_a_cursor_gives_back_its_keys_in_its_own_list_only() -> None:
    written = cursor.written([1, "é/+"], scope="search trip")
    assert cursor.read(written, scope="search trip", shape=(int, str)) == [1, "é/+"]
    for scope, shape in (("search trips", (int, str)), ("search trip", (str, str)), ("search trip", (int,))):
        with pytest.raises(CursorInvalid):
            cursor.read(written, scope=scope, shape=shape)


@pytest.mark.parametrize("damaged", ["", "é", "!!", "bnVsbA", "e30", "MQ", "W10", "//8", "a" * 5000])
def test_a_damaged_cursor_is_a_clear_error(damaged: str) -> None:
    with pytest.raises(CursorInvalid):
        cursor.read(damaged, scope="x", shape=(int,))


def test_a_summary_takes_what_is_there_and_of_the_right_type() -> None:
    info = {"displayName": "D", "description": "d", "owner": {"id": "a@b", "name": "A"}, "tags": ["x", "y"]}
    assert summary.of({"info": info, "tags": ["x", 7]}) == summary.Summary("D", "d", "a@b", "A", ("x", "y"))
    nothing = summary.Summary("", "", "", "", ())
    for odd in ({}, {"info": []}, {"info": {"owner": "x", "displayName": 1, "tags": "x"}, "tags": {"a": 1}}):
        assert summary.of(odd) == nothing
    assert summary.of({"info": {"owner": {"name": "A"}}}).owner == "A"


def test_a_document_puts_each_token_into_its_weightiest_tier() -> None:
    told = summary.Summary("Trip", "orders of trips", "ann", "", ("orders", "core"))
    made = document.of(identity("orders"), told, [output(identity(), "core_log", description="ann logs")])
    assert {"orders", "trip", "org", "example"} <= set(made.a)
    assert (made.b, made.c, made.d) == (("corelog", "core", "log"), ("sales", "ann"), ("of", "trips", "logs"))


def test_a_document_has_a_bounded_number_of_tokens() -> None:
    many = summary.Summary("", " ".join(f"w{number}" for number in range(3 * MOST_TOKENS)), "", "", ())
    assert sum(map(len, document.of(identity(), many, ()).tiers)) == MOST_TOKENS


def test_a_query_is_written_for_each_store() -> None:
    words = analysed("tripExecution log").words
    assert DIALECTS["sqlite"].condition(words, "ab", begins=True) == (
        '({a b} : "tripexecution" OR ({a b} : "trip" AND {a b} : "execution")) AND {a b} : "log"*'
    )
    assert DIALECTS["postgresql"].condition(words, "ab", begins=True) == (
        "('tripexecution':AB | ('trip':AB & 'execution':AB)) & 'log':*AB"
    )


def test_moments_are_kept_in_utc_and_need_a_zone() -> None:
    kept, dialect = Moment(), sqlite.dialect()
    there = datetime(2026, 1, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert kept.process_bind_param(there, dialect) == "2025-12-31T23:30:00.000000+00:00"
    back = kept.process_result_value("2025-12-31T23:30:00.000000+00:00", dialect)
    assert (back, back.tzinfo) == (there, UTC)
    with pytest.raises(ValueError, match="time zone"):
        kept.process_bind_param(datetime(2026, 1, 1), dialect)


def test_values_of_ours_become_plain_json() -> None:
    assert (
        dumps({"b": (1, 2), "a": MappingProxyType({"x": frozenset({"z", "y"})})}) == b'{"a":{"x":["y","z"]},"b":[1,2]}'
    )
    with pytest.raises(TypeError):
        dumps({"a": object()})


def test_the_builder_of_these_tests_gives_equal_digests_for_equal_content() -> None:
    assert product().digest == product().digest != product(tags=["x"]).digest
