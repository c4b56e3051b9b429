"""How do files become one gzipped tar archive, always the same bytes, and how is a foreign one read without trust?"""

from __future__ import annotations

import struct
import tarfile
import zlib
from collections.abc import Iterator, Mapping

from engine.errors import BundleInvalid
from engine.policy import modules

PACKED = 16 << 20
"""The largest archive that is read, in bytes as it travels."""
UNPACKED = 64 << 20
MEMBERS = 10_000
MANIFEST_SIZE = 8 << 20
SIGNATURES = ".signatures.json"
HIDDEN = (".manifest", SIGNATURES)
"""The two hidden files of a bundle."""
_BLOCK = tarfile.BLOCKSIZE
_HEADER = b"\x1f\x8b\x08\x00" + bytes(4) + b"\x02\xff"
"""A gzip header that tells no name, no time and no system."""


def pack(files: Mapping[str, bytes]) -> bytes:
    """The archive of these files: sorted, without times, owners or links. Raises BundleInvalid for too long a path."""
    blocks = b"".join(_member(path, files[path]) for path in sorted(files)) + bytes(2 * _BLOCK)
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = deflate.compress(blocks) + deflate.flush()
    return _HEADER + body + struct.pack("<II", zlib.crc32(blocks), len(blocks) & 0xFFFFFFFF)


def unpack(content: bytes, name: str) -> dict[str, bytes]:
    """The files of an archive by path; raises BundleInvalid naming archive and member.

    Only plain files with plain relative paths are taken, each path once, and no more bytes than the limits allow. A
    leading `/` is let go of: `opa build` writes one.
    """
    found: dict[str, bytes] = {}
    for path, body in _members(_inflated(content, name), name):
        if path in found:
            raise BundleInvalid(f"{name}: holds `{path}` twice")
        found[path] = body
        if len(found) > MEMBERS:
            raise BundleInvalid(f"{name}: holds more than {MEMBERS} files")
    return found


def _member(path: str, body: bytes) -> bytes:
    info = tarfile.TarInfo(path)
    info.size, info.mode, info.mtime = len(body), 0o644, 0
    try:
        header = info.tobuf(tarfile.USTAR_FORMAT, "ascii", "strict")
    except ValueError as reason:
        raise BundleInvalid(f"{path}: cannot stand in a bundle: {reason}") from None
    return header + body + bytes(-len(body) % _BLOCK)


def _inflated(content: bytes, name: str) -> bytes:
    if len(content) > PACKED:
        raise BundleInvalid(f"{name}: larger than {PACKED >> 20} MiB")
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        blocks = inflate.decompress(content, UNPACKED)
    except zlib.error as reason:
        raise BundleInvalid(f"{name}: is no gzipped archive: {reason}") from None
    if inflate.unconsumed_tail:
        raise BundleInvalid(f"{name}: holds more than {UNPACKED >> 20} MiB")
    if not inflate.eof:
        raise BundleInvalid(f"{name}: is cut off")
    if inflate.unused_data:
        raise BundleInvalid(f"{name}: something follows the archive")
    return blocks


def _members(blocks: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    """Each file with its path. One header at a time: the reader of the library follows chains of headers for ever."""
    at = 0
    while at < len(blocks):
        header = blocks[at : at + _BLOCK]
        if not any(header):
            break
        info = _told(header, name)
        at += _BLOCK
        body = blocks[at : at + info.size]
        if len(body) != info.size:
            raise BundleInvalid(f"{name}: `{info.name}` is cut off")
        yield _path(info, name), body
        at += info.size + -info.size % _BLOCK
    if any(blocks[at:]):
        raise BundleInvalid(f"{name}: something follows the last file")


def _told(header: bytes, name: str) -> tarfile.TarInfo:
    try:
        info = tarfile.TarInfo.frombuf(header, "ascii", "strict")
    except (tarfile.HeaderError, ValueError) as reason:
        raise BundleInvalid(f"{name}: is no tar archive: {reason}") from None
    if info.type not in (tarfile.REGTYPE, tarfile.AREGTYPE):
        raise BundleInvalid(f"{name}: `{info.name}` is no plain file")
    if not 0 <= info.size <= (modules.LARGEST if info.name.endswith(".rego") else MANIFEST_SIZE):
        raise BundleInvalid(f"{name}: `{info.name}` is too large")
    return info


def _path(info: tarfile.TarInfo, name: str) -> str:
    path = info.name.removeprefix("/")
    if path not in HIDDEN and not modules.plain(path):
        raise BundleInvalid(f"{name}: `{info.name}` is no plain relative path")
    return path
