"""Does the fast executor answer exactly what graphql-core's own does?"""

from __future__ import annotations

from typing import Any

import little_mesh
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from api.graphql.answering import Answering
from api.graphql.execution import FastContext
from api.graphql.limits import Limits
from api.graphql.request import Request

FAST = Answering(little_mesh.SCHEMA, Limits())
STOCK = Answering(little_mesh.SCHEMA, Limits(), fast=False)

QUERIES = [
    "{ things { name } }",
    "{ things { count ratio colour tags } }",
    "{ things { nickname shelf { size label } } }",
    "{ things { others { name count } perhaps { name } } }",
    "{ things { a: count b: count count ...F } } fragment F on Thing { count shelf { size } }",
    "{ things { __typename shelf { __typename } } }",
    "query Q($no: Boolean = false) { things { count @include(if: $no) tags @skip(if: true) ratio } }",
    "{ things { shouted initial tags } }",
    "{ page(first: 3) { edges { node { name shelf { size } } } } }",
    "{ broken absent hello }",
    "{ again { again { hello } things { name } } }",
]


def both(query: str, variables: dict[str, Any] | None = None) -> tuple[Any, Any]:
    """The answers of the fast and of the stock executor."""
    request = Request(query, variables or {}, None)
    fast, stock = (orjson.loads(one.answer(request, None).content) for one in (FAST, STOCK))
    return fast, stock


@pytest.mark.parametrize("query", QUERIES)
def test_both_executors_give_the_same_data_and_the_same_errors(query: str) -> None:
    fast, stock = both(query)
    assert fast == stock


def test_a_leaf_that_does_not_serialize_is_null_alone_and_named() -> None:
    fast, _ = both("{ page(first: 2) { edges { node { name count } } } }")
    assert fast["data"]["page"]["edges"] == [
        {"node": {"name": "apples", "count": 3}},
        {"node": {"name": "pears", "count": None}},
    ]
    assert [error["path"] for error in fast["errors"]] == [["page", "edges", 1, "node", "count"]]


def test_null_where_it_is_not_allowed_takes_the_object_with_it() -> None:
    fast, _ = both("{ things { name } }")
    assert fast["data"] == {"things": [{"name": "apples"}, {"name": "pears"}, None]}
    assert [error["path"] for error in fast["errors"]] == [["things", 2, "name"]]


def test_plain_fields_do_not_reach_the_parent_class(monkeypatch: pytest.MonkeyPatch) -> None:
    slow: list[str] = []
    stock = FastContext.execute_field

    def counted(self: FastContext, parent: Any, source: Any, nodes: Any, path: Any) -> Any:
        slow.append(f"{parent.name}.{nodes[0].name.value}")
        return stock(self, parent, source, nodes, path)

    monkeypatch.setattr(FastContext, "execute_field", counted)
    both("{ page(first: 1) { edges { node { name initial count tags shelf { size } others { name } } } } }")
    assert slow == ["Query.page"]


LEAVES = ["name", "nickname", "count", "ratio", "colour", "tags", "shouted", "initial", "__typename"]


def selections(depth: int) -> some.SearchStrategy[str]:
    """Selections on Thing, with aliases, fragments and nested objects."""
    leaf = some.sampled_from(LEAVES)
    aliased = some.builds(lambda alias, name: f"{alias}{name.strip('_')}: {name}", some.sampled_from("xyz"), leaf)
    shelf = some.sampled_from(["shelf { size }", "shelf { label size }", "shelf { ... on Place { size } __typename }"])
    kinds: list[some.SearchStrategy[str]] = [leaf, aliased, shelf]
    if depth:
        below = selections(depth - 1)
        kinds.append(
            some.builds(lambda name, inside: f"{name} {{ {inside} }}", some.sampled_from(["others", "perhaps"]), below)
        )
        kinds.append(some.builds(lambda inside: f"... on Thing {{ {inside} }}", below))
    return some.lists(some.one_of(kinds), min_size=1, max_size=5).map(" ".join)


@given(selections(2))
@settings(max_examples=150, deadline=None)
def test_any_selection_is_answered_alike_by_both_executors(inside: str) -> None:
    fast, stock = both(f"{{ things {{ {inside} }} }}")
    assert fast == stock
