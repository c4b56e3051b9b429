"""Where does the next page start, and of which list?"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from engine.errors import CursorInvalid


def written(keys: Sequence[str | int | float], *, scope: str) -> str:
    """The position after the item with these sort keys, in the list that `scope` names (kind and query)."""
    text = orjson.dumps([_mark(scope), *keys])
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def read(cursor: str, *, scope: str, shape: Sequence[type]) -> list[Any]:
    """The sort keys in a cursor; `CursorInvalid` when it is damaged or of another list or query."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        keys: list[Any]
        mark, *keys = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, TypeError) as fault:
        raise CursorInvalid() from fault
    if mark != _mark(scope) or [type(key) for key in keys] != list(shape) or not all(map(_storable, keys)):
        raise CursorInvalid()
    return keys


def of_revision(at: int | None) -> str:
    """What the scope of a list says of the revision that it is told at; nothing for the list of now."""
    return "" if at is None else f" at {at}"


def moment(key: str) -> datetime:
    """The moment that a sort key tells; CursorInvalid where it tells none."""
    try:
        told = datetime.fromisoformat(key)
        if told.tzinfo is None:
            raise CursorInvalid()
        return told.astimezone(UTC)
    except (ValueError, OverflowError) as fault:
        raise CursorInvalid() from fault


def _storable(key: str | int | float) -> bool:
    """Whether both stores can compare with it: a cursor that somebody made up may hold anything."""
    return "\0" not in key if isinstance(key, str) else -(2**63) <= key < 2**63


def _mark(scope: str) -> str:
    return hashlib.sha256(scope.encode(errors="replace")).hexdigest()[:12]
