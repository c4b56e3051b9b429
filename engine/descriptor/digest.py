"""What is the one digest of a JSON value, however it was written?

RFC 8785 (JSON Canonicalization Scheme) and SHA-256. RFC 8785 has no integers beyond ±(2^53-1); meshgate accepts them up
to ±(2^63-1) and writes such an integer as the object `{"\\u0000integer": "<decimal digits>"}`: no accepted document can
hold that key, because NUL is refused, so no two values share a form.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Final

from engine.model import Json

PORTABLE: Final = 2**53 - 1
_TAG: Final = "\0integer"
_compact: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False).encode


def canonical(value: Json) -> bytes:
    """The canonical bytes of a value."""
    if _is_plain(value):
        return _compact(value).encode()
    import rfc8785

    return rfc8785.dumps(_tagged(value))


def digest_of(value: Json) -> str:
    """The digest of a value, as `sha256:<hex>`."""
    return "sha256:" + hashlib.sha256(canonical(value)).hexdigest()


def large_integers(value: Json) -> bool:
    """Whether the value holds an integer that RFC 8785 cannot express."""
    return any(type(one) is int and not -PORTABLE <= one <= PORTABLE for one in _scalars(value))


def _is_plain(value: Json) -> bool:
    """Whether compact JSON with sorted keys is the canonical form already, as it is for nearly every descriptor.

    It is unless there are decimals (written as ECMAScript does), large integers, or keys whose order by UTF-16 units
    may differ from their order by code points.
    """
    pending = [value]
    while pending:
        node = pending.pop()
        kind = type(node)
        if kind is dict:
            if not all(map(str.isascii, node)):
                return False
            pending.extend(node.values())
        elif kind is list:
            pending.extend(node)
        elif kind is float or (kind is int and not -PORTABLE <= node <= PORTABLE):
            return False
    return True


def _scalars(value: Json) -> Iterator[Json]:
    pending = [value]
    while pending:
        node = pending.pop()
        if type(node) is dict:
            pending.extend(node.values())
        elif type(node) is list:
            pending.extend(node)
        else:
            yield node


def _tagged(value: Json) -> Json:
    if type(value) is dict:
        return {key: _tagged(item) for key, item in value.items()}
    if type(value) is list:
        return [_tagged(item) for item in value]
    if type(value) is int and not -PORTABLE <= value <= PORTABLE:
        return {_TAG: str(value)}
    return value
