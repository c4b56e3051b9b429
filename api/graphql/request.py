"""What does the client ask of GraphQL? (GraphQL over HTTP, section "Request"; Apollo's persisted queries)"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from api.graphql.documents import Refused
from api.graphql.errors import refused
from engine.descriptor import source
from engine.descriptor.limits import Limits
from engine.descriptor.text import SourceRefused

LIMITS = Limits()
MEMBERS = frozenset({"query", "operationName", "variables", "extensions"})
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Request:
    """One operation to run; its text is `query`, or that whose SHA-256 (in hexadecimal digits) is `digest`, or both."""

    query: str | None
    variables: dict[str, Any]
    operation_name: str | None
    digest: str | None = None


def request(body: bytes) -> Request:
    """The request in this JSON body; Refused (`body-unreadable`, `batch-refused`, `request-invalid`) if it is none."""
    try:
        body.decode()  # descriptors may be UTF-16, requests may not
        value = source.message(body, LIMITS)
    except UnicodeDecodeError:
        raise Refused([refused("body-unreadable", "The body is no UTF-8.")]) from None
    except SourceRefused as refusal:
        raise Refused([refused("body-unreadable", f"The body is no JSON: {refusal.msg}.")]) from None
    if isinstance(value, list):
        raise Refused([refused("batch-refused", "Send one operation in one request.")])
    if not isinstance(value, dict):
        raise _invalid("The body is no JSON object.")
    return understood(value)


def understood(value: dict[str, Any]) -> Request:
    """The request in this JSON object; Refused (`request-invalid`, `persisted-query-unsupported`) if it is none."""
    if unknown := sorted(value.keys() - MEMBERS):
        raise _invalid(f"`{unknown[0]}` is no member of a GraphQL request.")
    query, variables, name = value.get("query"), value.get("variables"), value.get("operationName")
    digest = _digest(value.get("extensions"))
    if not isinstance(query, str) and (query is not None or digest is None):
        raise _invalid("`query` is missing or no string.")
    if variables is not None and not isinstance(variables, dict):
        raise _invalid("`variables` is no object.")
    if name is not None and not isinstance(name, str):
        raise _invalid("`operationName` is no string.")
    return Request(query, variables or {}, name or None, digest)


def _digest(extensions: Any) -> str | None:
    """The digest by which a persisted query is named; other extensions are none of our business."""
    if extensions is not None and not isinstance(extensions, dict):
        raise _invalid("`extensions` is no object.")
    named = (extensions or {}).get("persistedQuery")
    if named is None:
        return None
    if not isinstance(named, dict) or named.get("version") != 1:
        raise Refused([refused("persisted-query-unsupported", "PersistedQueryNotSupported")])
    digest = named.get("sha256Hash")
    if not isinstance(digest, str) or not _SHA256.fullmatch(digest.lower()):
        raise _invalid("`extensions.persistedQuery.sha256Hash` is no SHA-256 in hexadecimal digits.")
    return digest.lower()


def _invalid(told: str) -> Refused:
    return Refused([refused("request-invalid", told)])
