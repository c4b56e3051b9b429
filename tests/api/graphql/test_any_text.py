"""Is every text that can be asked for answered, or refused with a reason, on both stores?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
)

from api.graphql.live.messages import understood
from api.graphql.request import request
from api.graphql.schema import schema
from catalog.database import Database

Ask = Callable[..., dict[str, Any]]

ORDERS = "urn:dpds:org.example:dataproducts:orders:1"
TYPES = schema().type_map
PLACES = {
    "Query": "{ %s }",
    "Catalog": "{ catalog { %s } }",
    "DataProduct": f'{{ dataProduct(fqn: "{ORDERS}") {{ %s }} }}',
    "Port": f'{{ dataProduct(fqn: "{ORDERS}") {{ ports(first: 1) {{ edges {{ node {{ %s }} }} }} }} }}',
}
TEXTS = ("NUL: \\u0000", "\\u0000", f"{ORDERS}\\u0000", "'\\\"`;%_*\\\\", "\U0001f600", "x" * 3000)


def _written(argument: GraphQLArgument, text: str) -> str:
    kind = argument.type.of_type if is_non_null_type(argument.type) else argument.type
    return f'["{text}"]' if is_list_type(kind) else f'"{text}"'


def asked(place: str, text: str) -> Iterator[str]:
    """For each argument here that takes a text, its field with this text there, and in all that it requires."""
    here = TYPES[place]
    assert isinstance(here, GraphQLObjectType)
    for name, field in here.fields.items():
        texts = {one for one, told in field.args.items() if get_named_type(told.type).name in ("String", "ID")}
        required = {one for one, told in field.args.items() if is_required_argument(told)}
        if not required <= texts:
            continue  # an object such as a requirement, which has tests of its own
        for argument in sorted(texts):
            given = ", ".join(f"{one}: {_written(field.args[one], text)}" for one in sorted({argument, *required}))
            yield f"{name}({given})" + ("" if is_leaf_type(get_named_type(field.type)) else " { __typename }")


ANY = ("\0", "a\0b", "\ud800", "x\udfff\ud83d", '"', "c++", "foo-bar", "col:x", "\U0001f600", "\u202e", "{}", "\\")
SEARCH = """query Q($text: String!) {
    search(query: $text) { total { value } didYouMean hints { says } } complete(prefix: $text) { kind }
    dataProduct(fqn: $text) { name } where: search(where: { OR: [{ name: { eq: $text } }, { tag: { eq: $text } }] }) {
        total { value } } }"""


@pytest.mark.parametrize("text", ANY, ids=ascii)
def test_any_text_in_a_variable_is_a_safe_query(ask: Ask, mesh: Database, text: str) -> None:
    body = json.dumps({"query": SEARCH, "variables": {"text": text}}).encode()
    answer = ask(SEARCH, **request(body).variables)
    assert "errors" not in answer
    assert answer["data"]["dataProduct"] is None
    assert answer["data"]["where"]["total"]["value"] == 0


@pytest.mark.parametrize("text", ["\0", "\ud800"], ids=ascii)
def test_a_text_that_no_store_keeps_ends_no_websocket(text: str) -> None:
    told = {"id": "1", "type": "subscribe", "payload": {"query": SEARCH, "variables": {"text": text}}}
    assert understood(json.dumps(told)).payload == {"query": SEARCH, "variables": {"text": "\ufffd"}}


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_no_text_in_any_argument_makes_the_server_fail(ask: Ask, mesh: Database, text: str) -> None:
    count = 0
    for place, around in PLACES.items():
        for field in asked(place, text):
            answer = ask(around % field)
            codes = [one["extensions"]["code"] for one in answer.get("errors", [])]
            assert not {"internal-error", "query-invalid", "query-syntax"} & set(codes), (field, codes)
            count += 1
    assert count > 40
