"""What does the client ask of GraphQL? (GraphQL over HTTP, section "Request")"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from api.graphql.documents import Refused
from api.graphql.errors import refused
from engine.descriptor import source
from engine.descriptor.limits import Limits
from engine.descriptor.text import SourceRefused

LIMITS = Limits()
MEMBERS = frozenset({"query", "operationName", "variables", "extensions"})


@dataclass(frozen=True, slots=True)
class Request:
    """One operation to run."""

    query: str
    variables: dict[str, Any]
    operation_name: str | None


def request(body: bytes) -> Request:
    """The request in this JSON body; Refused (`body-unreadable`, `batch-refused`, `request-invalid`) if it is none."""
    try:
        value = source.parse("request.json", body, LIMITS).value
    except SourceRefused as refusal:
        raise Refused([refused("body-unreadable", f"The body is no JSON: {refusal.msg}.")]) from None
    if isinstance(value, list):
        raise Refused([refused("batch-refused", "Send one operation in one request.")])
    if not isinstance(value, dict):
        raise _invalid("The body is no JSON object.")
    return _understood(value)


def _understood(value: dict[str, Any]) -> Request:
    if unknown := sorted(value.keys() - MEMBERS):
        raise _invalid(f"`{unknown[0]}` is no member of a GraphQL request.")
    query, variables, name = value.get("query"), value.get("variables"), value.get("operationName")
    if not isinstance(query, str):
        raise _invalid("`query` is missing or no string.")
    if variables is not None and not isinstance(variables, dict):
        raise _invalid("`variables` is no object.")
    if name is not None and not isinstance(name, str):
        raise _invalid("`operationName` is no string.")
    return Request(query, variables or {}, name or None)


def _invalid(told: str) -> Refused:
    return Refused([refused("request-invalid", told)])
