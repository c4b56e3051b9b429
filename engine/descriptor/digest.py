"""What is the one digest of a JSON value, however it was written?

RFC 8785 (JSON Canonicalization Scheme) and SHA-256. RFC 8785 has no integers beyond ±(2^53-1); meshgate accepts them up
to ±(2^63-1) and writes such an integer as the object `{"\\u0000integer": "<decimal digits>"}`: no accepted document can
hold that key, because NUL is refused, so no two values share a form.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

import orjson

from engine.model import Json

PORTABLE: Final = 2**53 - 1
_TAG: Final = "\0integer"


def canonical(value: Json) -> bytes:
    """The canonical bytes of a value."""
    if not _is_plain(value):
        value = _tagged(value)
        if not _is_plain(value):
            import rfc8785

            return rfc8785.dumps(value)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def digest_of(value: Json) -> str:
    """The digest of a value, as `sha256:<hex>`."""
    return "sha256:" + hashlib.sha256(canonical(value)).hexdigest()


def large_integers(value: Json) -> bool:
    """Whether the value holds an integer that RFC 8785 cannot express."""
    pending: list[Iterable[Json]] = [(value,)]
    for nodes in pending:
        for node in nodes:
            kind = type(node)
            if kind is dict:
                pending.append(node.values())
            elif kind is list:
                pending.append(node)
            elif kind is int and not -PORTABLE <= node <= PORTABLE:
                return True
    return False


def _is_plain(value: Json) -> bool:
    """Whether compact JSON with sorted keys is the canonical form already, as it is for nearly every descriptor.

    It is unless there are decimals that ECMAScript writes in another way than everybody else, large integers, or keys
    whose order by UTF-16 units may differ from their order by code points.
    """
    pending: list[Iterable[Json]] = [(value,)]
    for nodes in pending:
        for node in nodes:
            kind = type(node)
            if kind is str or node is None or kind is bool:
                continue
            if kind is dict and "".join(node).isascii():
                pending.append(node.values())
            elif kind is list:
                pending.append(node)
            elif not (kind is int and -PORTABLE <= node <= PORTABLE) and not (kind is float and _is_usual(node)):
                return False
    return True


def _is_usual(decimal: float) -> bool:
    """Whether all shortest spellings agree: a fraction, and not so small or large that some write an exponent."""
    return 1e-4 <= abs(decimal) < 1e15 and not decimal.is_integer()


def _tagged(value: Json) -> Json:
    """The value with large integers as tagged objects, and with decimals that are whole numbers as integers."""
    if type(value) is dict:
        return {key: _tagged(item) for key, item in value.items()}
    if type(value) is list:
        return [_tagged(item) for item in value]
    if type(value) is int and not -PORTABLE <= value <= PORTABLE:
        return {_TAG: str(value)}
    if type(value) is float and value.is_integer() and -PORTABLE <= value <= PORTABLE:
        return int(value)
    return value
