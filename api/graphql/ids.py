"""Which thing does an opaque global id name? (Relay, Object Identification)"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import NamedTuple

from graphql import GraphQLError

from api.graphql.errors import refused


class GlobalId(NamedTuple):
    """The GraphQL type of a thing, and its id among its kind."""

    type: str
    key: str

    def __str__(self) -> str:
        return urlsafe_b64encode(f"{self.type}:{self.key}".encode()).decode().rstrip("=")


def global_id(type_name: str, key: str) -> str:
    """The opaque id of a thing."""
    return str(GlobalId(type_name, key))


def understood(text: str) -> GlobalId:
    """What this id names; a GraphQL error `id-invalid` when it is none of ours."""
    try:
        plain = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise _invalid(text) from None
    name, colon, key = plain.partition(":")
    if not colon or not name.isidentifier() or not key or global_id(name, key) != text:
        raise _invalid(text)
    return GlobalId(name, key)


def _invalid(text: str) -> Exception:
    return refused("id-invalid", f"{text[:100]!r} is no id that this server gave.")


def reference(text: str) -> str:
    """What the catalog knows a product by: the key of an id of ours, or else the text as it stands (an fqn, an id)."""
    try:
        name = understood(text)
    except GraphQLError:
        return text
    return name.key if name.type == "DataProduct" else text
