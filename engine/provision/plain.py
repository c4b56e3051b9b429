"""Is what an adapter answers JSON, and no more of it than every store can keep?

A Python adapter may answer anything at all, and JSON that travelled may hold what PostgreSQL takes for no text. What is
let in here is written to the catalog: what could not be written would stop a deployment for ever.
"""

from __future__ import annotations

import json
import math

from engine.descriptor.text import UNKEPT
from engine.model import Json

LARGEST = 4 * 1024 * 1024
"""Bytes that one answer may have, in whichever form it came."""
DEEPEST = 64
"""Levels of lists and objects, as in a descriptor."""
WHOLE = 2**63


def plain(value: object) -> Json:
    """The value as JSON carries it (a tuple is a list); raises ValueError, which tells no content, where it is none."""
    made = _plain(value, 0)
    if len(json.dumps(made)) > LARGEST:
        raise ValueError(f"more than {LARGEST} bytes")
    return made


def _plain(value: object, depth: int) -> Json:
    if depth > DEEPEST:
        raise ValueError(f"more than {DEEPEST} levels")
    if isinstance(value, dict):
        return {_text(name): _plain(one, depth + 1) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one, depth + 1) for one in value]
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool):
        return value
    return _number(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"a key of the type {type(value).__name__}")
    if UNKEPT.search(value):
        raise ValueError("a text with a zero byte or half a character")
    return value


def _number(value: object) -> Json:
    if isinstance(value, int) and -WHOLE <= value < WHOLE:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise ValueError("a number out of range" if isinstance(value, int | float) else f"a {type(value).__name__}")
