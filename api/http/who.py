"""Who sends this request?"""

from __future__ import annotations

from starlette.requests import HTTPConnection

from api.auth.loopback import is_own
from api.auth.permissions import LOCAL
from api.auth.tokens import Tokens
from api.http.errors import HostRefused
from engine.errors import Unauthenticated
from engine.model import Principal


def principal(connection: HTTPConnection, tokens: Tokens | None) -> Principal:
    """The principal of a request or WebSocket, remembered on it for the log.

    With tokens: that of the bearer token, else Unauthenticated. Without: `local`, else HostRefused.
    """
    found = _local(connection) if tokens is None else bearer(connection.headers.get("authorization", ""), tokens)
    connection.state.principal = found
    return found


def bearer(text: str, tokens: Tokens) -> Principal:
    """The principal of what an `Authorization` header holds, else Unauthenticated."""
    scheme, _, token = text.partition(" ")
    found = tokens.principal(token.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        raise Unauthenticated()
    return found


def _local(connection: HTTPConnection) -> Principal:
    headers = connection.headers
    if not is_own(headers.get("host", ""), headers.get("origin")):
        raise HostRefused(f"Host `{headers.get('host', '')}`, Origin `{headers.get('origin', '')}`.")
    return LOCAL
