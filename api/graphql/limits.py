"""How much may one operation ask for? (DESIGN §7, limits)"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one request; each has an error code of its own (named beside it)."""

    #: items of one page: `page-too-large`
    page: int = 100
    #: levels of fields below the operation: `query-too-deep`
    depth: int = 12
    #: tokens of the query text: `query-too-large`
    tokens: int = 5_000
    #: aliases after fragments are spread out: `too-many-aliases`
    aliases: int = 50
    #: objects that may be answered: `query-too-expensive`
    cost: int = 10_000
    #: seconds until execution is given up: `query-timeout`
    seconds: float = 5.0
    #: operations that run at once in one server; who waits longer than `seconds` for a turn: `server-busy`
    at_once: int = 16
    #: bytes of the request body or of one WebSocket message: `body-too-large`, close code 1009
    body: int = 262_144
    #: whether `__schema` and `__type` are answered: `introspection-disabled`
    introspection: bool = True
    #: levels of fields of an introspecting operation (graphql-core bounds lists in lists): `introspection-too-deep`
    introspection_depth: int = 24
    #: WebSockets of one server: `server-busy`
    connections: int = 1_000
    #: operations of one WebSocket at once: `too-many-operations`
    operations: int = 20
    #: seconds until a WebSocket has to be initialised: close code 4408
    init_seconds: float = 10.0
    #: seconds for which a WebSocket without operations may say nothing: close code 4408
    idle_seconds: float = 600.0
    #: seconds within which a client has to take a message: else its WebSocket is cut
    send_seconds: float = 30.0
