"""Which document does a request mean, and is it known already?

Documents are known by the SHA-256 of their text, so a client may send the digest alone of one that is kept (Apollo's
protocol of persisted queries). Only what passed every rule is kept.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

from graphql import GraphQLSchema

from api.graphql.documents import Document, Refused, digest_of, validated
from api.graphql.errors import refused
from api.graphql.limits import Limits
from api.graphql.request import Request

MOST_DOCUMENTS = 1_000
MOST_CHARACTERS = 500_000

#: told of every look for a document whether it was known
Count = Callable[[bool], None]


class Documents(Protocol):
    """What knows documents."""

    def asked(self, request: Request) -> Document:
        """The document that a request means; Refused when there is none, or when it breaks a rule."""


class Kept:
    """The documents met lately, least recently used forgotten first, bounded in number and in text."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, count: Count = lambda known: None) -> None:
        self._schema = schema
        self._limits = limits
        self._count = count
        self._kept: OrderedDict[str, tuple[Document, int]] = OrderedDict()
        self._characters = 0
        self._lock = threading.Lock()

    def asked(self, request: Request) -> Document:
        """As of `Documents`; Refused also for a digest of no document that is kept, or not that of the query."""
        if request.query is None:
            known = self._known(str(request.digest))
            if known is None:  # the words that clients of this protocol wait for before they send the text
                raise Refused([refused("persisted-query-not-found", "PersistedQueryNotFound")])
            return known
        digest = matching(request)
        return self._known(digest) or self._keep(request.query, validated(self._schema, self._limits, request.query))

    def __len__(self) -> int:
        return len(self._kept)

    def _known(self, digest: str) -> Document | None:
        with self._lock:
            known = self._kept.get(digest)
            if known is not None:
                self._kept.move_to_end(digest)
        self._count(known is not None)
        return known[0] if known else None

    def _keep(self, text: str, document: Document) -> Document:
        with self._lock:
            if document.digest in self._kept or len(text) > MOST_CHARACTERS // 10:
                return document
            self._kept[document.digest] = (document, len(text))
            self._characters += len(text)
            while len(self._kept) > MOST_DOCUMENTS or self._characters > MOST_CHARACTERS:
                _, (_, gone) = self._kept.popitem(last=False)
                self._characters -= gone
        return document


def matching(request: Request) -> str:
    """The digest of the query that was sent; Refused when the client takes it for another."""
    digest = digest_of(str(request.query))
    if request.digest not in (None, digest):
        raise Refused([refused("persisted-query-mismatch", "The query does not have this SHA-256.")])
    return digest
