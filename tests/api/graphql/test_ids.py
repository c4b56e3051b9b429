"""Is an opaque id what we gave, and nothing else?"""

from __future__ import annotations

from base64 import urlsafe_b64encode

import pytest
from graphql import GraphQLError

from api.graphql.ids import GlobalId, global_id, understood


@pytest.mark.parametrize("key", ["1", "a:b/c", "é", "x" * 300])
def test_an_id_names_the_thing_that_it_was_made_of(key: str) -> None:
    assert understood(global_id("Port", key)) == GlobalId("Port", key)


def encoded(plain: bytes) -> str:
    return urlsafe_b64encode(plain).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    ["", "orders", "é", "====", encoded(b"Port"), encoded(b"Port:"), encoded(b":1"), encoded(b"\xff:1"), "UG9ydDox==="],
)
def test_another_text_is_refused_with_a_code(text: str) -> None:
    with pytest.raises(GraphQLError) as refusal:
        understood(text)
    assert (refusal.value.extensions or {})["code"] == "id-invalid"
