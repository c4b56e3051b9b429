"""Does every limit hold against a query that attacks it, with a code of its own?"""

from __future__ import annotations

from typing import Any

import little_mesh
import orjson
import pytest
from graphql import get_introspection_query

from api.graphql.answering import Answering
from api.graphql.limits import Limits
from api.graphql.request import Request


def ask(query: str, *, limits: Limits | None = None, **variables: Any) -> dict[str, Any]:
    answering = Answering(little_mesh.SCHEMA, limits or Limits())
    answer: dict[str, Any] = orjson.loads(answering.answer(Request(query, variables, None), None).content)
    return answer


def codes(answer: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in answer["errors"]]


def nested(levels: int) -> str:
    """A query whose deepest field is that many levels below the operation."""
    return "{" + "again {" * (levels - 1) + "hello" + "}" * (levels - 1) + "}"


def doubling(count: int, inside: str) -> str:
    """`count` fragments, each spread twice by the one before: 2**count paths in a few kilobytes."""
    fragments = [
        f"fragment F{i} on Query {{ again {{ ...F{i + 1} }} more: again {{ ...F{i + 1} }} }}" for i in range(count)
    ]
    return "{ ...F0 } " + " ".join(fragments) + f" fragment F{count} on Query {{ {inside} }}"


def flat_doubling(count: int) -> str:
    """Fragments spread twice at the same level: no deeper, but 2**count ways to walk."""
    fragments = [f"fragment F{i} on Query {{ ...F{i + 1} ... on Query {{ ...F{i + 1} }} }}" for i in range(count)]
    return "{ ...F0 } " + " ".join(fragments) + f" fragment F{count} on Query {{ hello }}"


def test_an_operation_of_twelve_levels_is_answered_and_one_of_thirteen_is_not() -> None:
    assert "errors" not in ask(nested(12))
    refusal = ask(nested(13))
    assert refusal == {
        "errors": [
            {
                "message": "The operation asks for 13 levels deep; 12 are allowed.",
                "extensions": {"code": "query-too-deep", "requested": 13, "limit": 12},
            }
        ]
    }


def test_text_nested_beyond_what_the_parser_takes_is_too_deep() -> None:
    assert codes(ask(nested(600))) == ["query-too-deep"]


def test_a_long_chain_of_fragments_is_too_deep_and_not_a_crash() -> None:
    chain = "{ ...F0 } " + " ".join(f"fragment F{i} on Query {{ again {{ ...F{i + 1} }} }}" for i in range(450))
    assert codes(ask(chain + " fragment F450 on Query { hello }")) == ["query-too-deep"]


def test_doubling_fragments_are_measured_without_walking_every_path() -> None:
    assert codes(ask(doubling(30, "hello"))) == ["too-many-aliases"]
    assert codes(ask(doubling(30, "hello"), limits=Limits(aliases=2**200))) == ["query-too-deep"]


def test_doubling_fragments_on_one_level_are_answered() -> None:
    assert ask(flat_doubling(40))["data"] == {"hello": "hello mesh"}


def test_a_cyclic_fragment_is_refused_by_the_standard_rules() -> None:
    assert codes(ask("{ ...F } fragment F on Query { again { ...F } }")) == ["query-invalid"]


def test_more_than_five_thousand_tokens_are_refused_before_they_are_read() -> None:
    refusal = ask("{" + " hello" * 5_000 + "}")
    assert refusal["errors"][0]["extensions"] == {"code": "query-too-large", "limit": 5_000}


def test_fifty_aliases_are_answered_and_fifty_one_are_not() -> None:
    assert "errors" not in ask("{" + " ".join(f"a{i}: hello" for i in range(50)) + "}")
    assert codes(ask("{" + " ".join(f"a{i}: hello" for i in range(51)) + "}")) == ["too-many-aliases"]


def test_aliases_count_as_often_as_their_fragment_is_spread() -> None:
    many = " ".join(f"a{i}: hello" for i in range(20))
    twice = f"{{ again {{ ...F }} ...F }} fragment F on Query {{ {many} }}"
    assert "errors" not in ask(twice)
    thrice = f"{{ again {{ ...F again {{ ...F }} }} ...F }} fragment F on Query {{ {many} }}"
    assert codes(ask(thrice)) == ["too-many-aliases"]


def test_cost_counts_the_objects_of_a_page_and_is_told() -> None:
    query = "{ page(first: 7) { edges { node { name shelf { size } } } } }"
    # the connection, and for each of seven items an edge, a node and a shelf
    assert ask(query)["extensions"] == {"cost": {"requested": 1 + 7 * 3, "limit": 10_000}}


def test_cost_takes_the_page_size_from_the_variable_or_its_default() -> None:
    query = "query Q($n: Int = 3) { page(first: $n) { edges { node { name } } } }"
    assert ask(query)["extensions"]["cost"]["requested"] == 1 + 3 * 2
    assert ask(query, n=100)["extensions"]["cost"]["requested"] == 1 + 100 * 2


def test_one_document_is_measured_anew_for_other_variables() -> None:
    answering = Answering(little_mesh.SCHEMA, Limits(cost=100))
    query = "query Q($n: Int) { page(first: $n) { edges { node { name } } } }"
    small = orjson.loads(answering.answer(Request(query, {"n": 5}, None), None).content)
    large = orjson.loads(answering.answer(Request(query, {"n": 90}, None), None).content)
    assert small["extensions"]["cost"]["requested"] == 11
    assert codes(large) == ["query-too-expensive"]


def test_lists_within_lists_become_too_expensive() -> None:
    query = "{ things { others { others { others { others { others { name } } } } } } }"
    assert codes(ask(query)) == ["query-too-expensive"]


@pytest.mark.parametrize(
    "query", ["{ page(first: 101) { __typename } }", "query Q($n: Int = 101) { page(first: $n) { __typename } }"]
)
def test_a_page_of_more_than_a_hundred_items_is_refused_before_anything_runs(query: str) -> None:
    answer = ask(query)
    assert (codes(answer), "data" in answer) == (["page-too-large"], False)


def test_an_operation_that_takes_too_long_is_given_up() -> None:
    answer = ask("{ slow { name } }", limits=Limits(seconds=0.02))
    assert (answer["data"], codes(answer)) == (None, ["query-timeout"])


def test_the_stock_introspection_queries_are_answered_beyond_depth_and_cost() -> None:
    tight = Limits(depth=2, cost=5)
    answer = ask(get_introspection_query(input_value_deprecation=True, specified_by_url=True), limits=tight)
    assert answer["data"]["__schema"]["queryType"] == {"name": "Query", "kind": "OBJECT"}
    assert "extensions" not in answer


def test_introspection_has_limits_of_its_own() -> None:
    lists = "{ __schema { types " + "{ fields { type " * 3 + "{ name }" + "} }" * 3 + " } }"
    assert codes(ask(lists)) == ["introspection-too-deep"]
    deep = "{ __schema { queryType " + "{ ofType " * 30 + "{ name }" + "}" * 30 + " } }"
    assert codes(ask(deep)) == ["introspection-too-deep"]


def test_introspection_beside_data_obeys_the_ordinary_limits() -> None:
    query = "{ hello __schema { types { fields { args { type { fields { name } } } } } } }"
    assert codes(ask(query)) == ["query-too-expensive"]


@pytest.mark.parametrize(
    "query", ["{ __schema { queryType { name } } }", '{ ...F } fragment F on Query { __type(name: "Query") { name } }']
)
def test_introspection_can_be_switched_off(query: str) -> None:
    assert codes(ask(query, limits=Limits(introspection=False))) == ["introspection-disabled"]


def test_typename_stays_when_introspection_is_off() -> None:
    assert ask("{ __typename }", limits=Limits(introspection=False)) == {"data": {"__typename": "Query"}}
