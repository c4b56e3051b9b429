"""Which documents alone may be asked, where the operator lists them? (the configuration key `graphql_documents`)"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from graphql import GraphQLSchema

from api.graphql.documents import Document, Refused, digest_of, validated
from api.graphql.errors import refused
from api.graphql.kept import Count, matching
from api.graphql.limits import Limits
from api.graphql.request import Request
from api.settings_file import document
from engine.errors import SettingsInvalid

APOLLO = "apollo-persisted-query-manifest"


class Listed:
    """The documents of a list, each read once; there are no others."""

    def __init__(
        self, texts: Mapping[str, str], schema: GraphQLSchema, limits: Limits, count: Count = lambda known: None
    ) -> None:
        """`texts` by where each stands. Raises SettingsInvalid for one that this schema and these limits refuse."""
        self._documents = dict(_read(texts, schema, limits))
        self._count = count

    def asked(self, request: Request) -> Document:
        """The document that a request means; Refused when it is not on the list."""
        digest = str(request.digest) if request.query is None else matching(request)
        known = self._documents.get(digest)
        self._count(known is not None)
        if known is None:
            raise Refused([refused("document-not-listed", "This server answers only the documents on its list.")])
        return known


def _read(texts: Mapping[str, str], schema: GraphQLSchema, limits: Limits) -> Iterator[tuple[str, Document]]:
    for origin, text in texts.items():
        try:
            one = validated(schema, limits, text)
        except Refused as refusal:
            told = "; ".join(error.message for error in refusal.errors)
            raise SettingsInvalid(f"{origin}: {told}", key="graphql_documents") from refusal
        yield one.digest, one
        stripped = text.rstrip("\r\n")  # editors end files with a line break that no client sends
        yield digest_of(stripped), one


def load(path: Path) -> dict[str, str]:
    """The texts of a list by where each stands: the `*.graphql` files of a folder, or what a manifest holds.

    A manifest is JSON: an object from SHA-256 to text, or Apollo's `operations` with `id` and `body`. Raises
    SettingsInvalid when it is neither, when a digest is not that of its text, or when there is no document at all.
    """
    try:
        found = _folder(path) if path.is_dir() else _manifest(path)
    except (OSError, UnicodeDecodeError) as reason:
        raise SettingsInvalid(f"{path} cannot be read: {reason}.", key="graphql_documents") from reason
    if not found:
        raise SettingsInvalid(f"{path} holds no document.", key="graphql_documents")
    return found


def _folder(path: Path) -> dict[str, str]:
    return {str(file): file.read_bytes().decode() for file in sorted(path.rglob("*.graphql"))}


def _manifest(path: Path) -> dict[str, str]:
    value = document(path.read_bytes(), str(path))
    listed = dict(
        _operations(value, path) if isinstance(value, dict) and value.get("format") == APOLLO else _own(value)
    )
    for digest, text in listed.items():
        if not isinstance(text, str) or digest_of(text) != digest:
            raise SettingsInvalid(f"{path}: `{digest}` is not the SHA-256 of its document.", key="graphql_documents")
    return {f"{path}: {digest}": text for digest, text in listed.items()}


def _own(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _operations(value: dict[str, Any], path: Path) -> Iterator[tuple[str, Any]]:
    operations = value.get("operations")
    for one in operations if isinstance(operations, list) else ():
        if not isinstance(one, dict) or not isinstance(one.get("id"), str):
            raise SettingsInvalid(f"{path}: an operation has `id` and `body`.", key="graphql_documents")
        yield one["id"], one.get("body")
