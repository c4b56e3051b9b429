"""How does a long answer travel in pieces of a good size, packed where its reader takes that?"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

PIECE = 64 * 1024
"""Bytes that are sent together, before packing."""

_GZIP = 16 + zlib.MAX_WBITS


def wanted(accepted: str) -> bool:
    """Whether a reader with this `Accept-Encoding` takes gzip."""
    for one in accepted.lower().split(","):
        coding, _, weight = one.replace(" ", "").partition(";")
        if coding in ("gzip", "*"):
            return weight not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def pieces(lines: Iterable[bytes], *, gzip: bool) -> Iterator[bytes]:
    """The bytes of these lines in larger pieces."""
    joined = _joined(lines)
    return _packed(joined) if gzip else joined


def _joined(lines: Iterable[bytes]) -> Iterator[bytes]:
    waiting: list[bytes] = []
    size = 0
    for line in lines:
        waiting.append(line)
        size += len(line)
        if size >= PIECE:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def _packed(joined: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
    for piece in joined:
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()
