"""Would a client of the last release still be answered? What was released may grow; what would break is named.

`released.graphql` is `schema.graphql` as the last release had it; who releases copies it there, and empties `MEANT`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, find_breaking_changes

from api.graphql.schema import printed

RELEASED = Path(__file__).with_name("released.graphql")

MEANT: dict[str, str] = {}
"""What breaks on purpose before the next release, as the check words it, and why (CHANGELOG says it as well)."""


def broken(before: GraphQLSchema, after: GraphQLSchema) -> set[str]:
    return {change.description for change in find_breaking_changes(before, after)}


def test_nothing_that_was_released_breaks_but_what_is_meant_to() -> None:
    assert broken(build_schema(RELEASED.read_text("utf-8")), build_schema(printed())) == MEANT.keys()


BEFORE = """type Query { products(first: Int, domain: String): [Product!] }
type Product { name: String! kind: Kind }
enum Kind { A B }"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("name: String!", "", "Product.name was removed."),
        ("name: String!", "name: String", "Product.name changed type from String! to String."),
        ("first: Int", "first: Int!", "Query.products arg first has changed type from Int to Int!."),
        (", domain: String", "", "Query.products arg domain was removed."),
        (", domain: String", ", domain: String, at: Int!", "A required arg at on Query.products was added."),
        (" B }", " }", "B was removed from enum type Kind."),
    ],
)
def test_a_breaking_change_is_named(old: str, new: str, told: str) -> None:
    assert broken(build_schema(BEFORE), build_schema(BEFORE.replace(old, new))) == {told}


@pytest.mark.parametrize(
    ("old", "new"),
    [("kind: Kind", "kind: Kind more: Int"), (", domain: String", ", domain: String, at: Int"), (" B }", " B C }")],
)
def test_what_is_only_added_breaks_nothing(old: str, new: str) -> None:
    assert broken(build_schema(BEFORE), build_schema(BEFORE.replace(old, new))) == set()
