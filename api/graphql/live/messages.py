"""What does a client say, what is said to it, and what breaks the protocol? (graphql-transport-ws, PROTOCOL.md)"""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

from api.graphql.errors import Formatted
from engine.descriptor import source
from engine.descriptor.limits import Limits
from engine.descriptor.text import SourceRefused

PROTOCOL = "graphql-transport-ws"
LIMITS = Limits()
LONGEST_ID = 128


class Violation(Exception):
    """The client broke the protocol or a limit: its WebSocket is closed with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        self.code, self.reason = code, reason
        super().__init__(reason)


class Message(NamedTuple):
    """One message of a client; `id` is empty and `payload` None where there is none."""

    type: str
    id: str
    payload: dict[str, Any] | None


def understood(text: str | None) -> Message:
    """The message in this text (None: it was no text). Raises Violation 4400 when it is none of the protocol's."""
    if text is None:
        raise _invalid("a message is a text")
    try:
        value = source.message(text.encode(errors="surrogatepass"), LIMITS)
    except SourceRefused as refusal:
        raise _invalid(refusal.msg) from None
    if not isinstance(value, dict):
        raise _invalid("a message is an object")
    kind, name, payload = value.get("type"), value.get("id"), value.get("payload")
    if kind not in ("connection_init", "ping", "pong", "subscribe", "complete"):
        raise _invalid("`type` is none of a client")
    if kind in ("subscribe", "complete") and not (isinstance(name, str) and 0 < len(name) <= LONGEST_ID):
        raise _invalid(f"`id` is a text of 1 to {LONGEST_ID} characters")
    if not isinstance(payload, dict) and (payload is not None or kind == "subscribe"):
        raise _invalid("`payload` is an object")
    return Message(kind, name if isinstance(name, str) else "", payload)


def acknowledged() -> str:
    """That the connection may be used."""
    return '{"type":"connection_ack"}'


def pong() -> str:
    """The answer to a ping."""
    return '{"type":"pong"}'


def answered(id: str, content: bytes) -> str:
    """One result of an operation, whose JSON text is at hand already."""
    return f'{{"id":{orjson.dumps(id).decode()},"type":"next","payload":{content.decode()}}}'


def refused(id: str, errors: list[Formatted]) -> str:
    """That an operation has ended with these errors."""
    return orjson.dumps({"id": id, "type": "error", "payload": errors}).decode()


def completed(id: str) -> str:
    """That an operation has ended."""
    return orjson.dumps({"id": id, "type": "complete"}).decode()


def _invalid(why: str) -> Violation:
    return Violation(4400, f"Invalid message: {why}"[:120])
