"""Is a bundle the one that the holder of a key released, file by file (OPA's bundle signing)?

`.signatures.json` holds one JWT over the name and SHA-256 of every other file. JSON files, the manifest among them,
are hashed as OPA does it: over their values with keys in order, so that white space does not matter.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from engine.errors import BundleInvalid
from engine.model import Json
from engine.policy.refusals import (
    BundleFileUnsigned,
    BundleOtherKey,
    BundleSignatureStripped,
    BundleSignatureUnreadable,
    BundleTampered,
)
from engine.policy.tarball import SIGNATURES

if TYPE_CHECKING:
    from engine.policy.keys import BundleKey

_ALGORITHM = "SHA-256"
_STRUCTURED = frozenset({".manifest", "data.json"})
"""The names of files that are hashed as values."""
_HASHES = {_ALGORITHM: hashlib.sha256, "SHA-384": hashlib.sha384, "SHA-512": hashlib.sha512}
_ESCAPED = {"\u2028": "\\u2028", "\u2029": "\\u2029"}


def write(files: Mapping[str, bytes], key: BundleKey, *, key_id: str) -> bytes:
    """The `.signatures.json` of these files."""
    listed = [{"name": path, "hash": _digest(path, files[path]), "algorithm": _ALGORITHM} for path in sorted(files)]
    token = key.sign(json.dumps({"files": listed}, separators=(",", ":")).encode(), key_id=key_id)
    return json.dumps({"signatures": [token]}, indent=1).encode() + b"\n"


def verify(signatures: bytes, files: Mapping[str, bytes], key: BundleKey, name: str) -> None:
    """Return when the key signed exactly these files; else raise one of the reasons of `engine.policy.refusals`."""
    signed = dict(_signed(_payload(signatures, key, name), name))
    for path, content in files.items():
        if path not in signed:
            raise BundleFileUnsigned(f"{name}: `{path}` is not covered by its signature")
        digest, algorithm = signed[path]
        if _digest(path, content, algorithm) != digest:
            raise BundleTampered(f"{name}: `{path}` is not the file that was signed")
    if missing := sorted(signed.keys() - files.keys()):
        raise BundleTampered(f"{name}: `{missing[0]}` was signed and is gone")


def _payload(signatures: bytes, key: BundleKey, name: str) -> bytes:
    try:
        listed = json.loads(signatures)["signatures"]
        token = listed[0] if len(listed) == 1 else None
    except (ValueError, KeyError, TypeError, RecursionError):
        listed = token = None
    if listed == []:
        raise BundleSignatureStripped(f"{name}: its {SIGNATURES} holds no signature any more")
    if not isinstance(token, str) or token.count(".") != 2:
        raise BundleSignatureUnreadable(f"{name}/{SIGNATURES}: is not one JWT in a list `signatures`")
    payload = key.verified(token)
    if payload is None:
        raise BundleOtherKey(f"{name}: its signature is not one of the key {key.id} ({key.algorithm})")
    return payload


def _signed(payload: bytes, name: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """What the payload says of each file: its digest and the algorithm."""
    try:
        for one in json.loads(payload)["files"]:
            if one["algorithm"] not in _HASHES:
                raise BundleSignatureUnreadable(f"{name}/{SIGNATURES}: hashes `{one['name']}` by {one['algorithm']}")
            yield one["name"].removeprefix("/"), (one["hash"], one["algorithm"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BundleSignatureUnreadable(
            f"{name}/{SIGNATURES}: its JWT lists no files as OPA's bundle signing does"
        ) from None


def _digest(path: str, content: bytes, algorithm: str = _ALGORITHM) -> str:
    if path.rpartition("/")[2] in _STRUCTURED:
        content = _canonical(path, content)
    return _HASHES[algorithm](content).hexdigest()


def _canonical(path: str, content: bytes) -> bytes:
    """The JSON value as OPA feeds it to the hash: numbers as they are spelt, keys in the order of their bytes."""
    try:
        value = json.loads(content, parse_int=_Number, parse_float=_Number, parse_constant=_Number)
        return "".join(_pieces(value)).encode()
    except (ValueError, RecursionError):
        raise BundleInvalid(f"{path}: is no JSON") from None


class _Number(str):
    """A number that keeps its spelling."""

    __slots__ = ()


def _pieces(value: Json) -> Iterator[str]:
    match value:
        case dict():
            yield "{"
            for at, key in enumerate(sorted(value)):
                yield ("," if at else "") + _text(key) + ":"
                yield from _pieces(value[key])
            yield "}"
        case list():
            yield "["
            for at, one in enumerate(value):
                yield "," if at else ""
                yield from _pieces(one)
            yield "]"
        case _Number():
            yield value
        case str():
            yield _text(value)
        case _:
            yield json.dumps(value)


def _text(value: str) -> str:
    told = json.dumps(value, ensure_ascii=False)
    for character, escaped in _ESCAPED.items():
        told = told.replace(character, escaped)
    return told
