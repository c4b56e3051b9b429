"""Is the record of everything that happened still the one that was written, also where its end was cut off?"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from api import signatures
from engine.errors import HeadInvalid
from engine.model import Json

if TYPE_CHECKING:
    from joserfc.jwk import OKPKey

    from api.wiring import House
    from catalog.chain import Verdict
    from catalog.heads import Head

KIND = "meshgate-head+jws"
MOST = 16 * 1024 * 1024
"""Bytes of a file of heads: one each hour for several years."""


def stated(house: House, *, key: Path | None = None) -> str:
    """The catalog's head now, in one line: as JSON, or signed with the key in this file.

    Raises KeyInvalid, CatalogUnavailable.
    """
    from catalog.heads import head

    signer = None if key is None else signatures.key(key, private=True)
    told: dict[str, Json] = head(house.database, at=house.clock()).told()
    return orjson.dumps(told).decode() if signer is None else signatures.signed(told, signer, kind=KIND)


def appended(line: str, file: Path) -> None:
    """Add the line to a file of heads, on disk before this returns. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab") as opened:
        opened.write(line.encode() + b"\n")
        opened.flush()
        os.fsync(opened.fileno())


def verified(house: House, *, heads: Path | None = None, verify_key: Path | None = None) -> Verdict:
    """What the chain says of the stored record, compared with the heads in this file (one in a line).

    With a key every head has to be signed with it. Raises HeadInvalid naming the line, KeyInvalid, CatalogUnavailable.
    """
    from catalog.chain import verify

    return verify(house.database, () if heads is None else _read(heads, verify_key))


def _read(file: Path, verify_key: Path | None) -> list[Head]:
    by = None if verify_key is None else signatures.key(verify_key, private=False)
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST + 1)
    except OSError as reason:
        raise HeadInvalid(f"The file of heads {file} cannot be read: {reason.strerror}.") from reason
    if len(content) > MOST:
        raise HeadInvalid(f"{file} is larger than {MOST} bytes.")
    lines = [(number, line.strip()) for number, line in enumerate(content.splitlines(), start=1) if line.strip()]
    if not lines:
        raise HeadInvalid(f"{file} holds no head.")
    return [_head(line, by, f"{file}:{number}") for number, line in lines]


def _head(line: bytes, by: OKPKey | None, where: str) -> Head:
    from catalog.heads import Head

    try:
        if by is not None:
            return Head.of(signatures.statement(line.decode(), by, kind=KIND))
        if not line.startswith(b"{"):
            raise HeadInvalid("It is signed; say with which key it is to be verified (`--verify-key`).")
        return Head.of(orjson.loads(line))
    except HeadInvalid as reason:
        raise HeadInvalid(f"{where}: {reason.detail}") from reason
    except ValueError as reason:
        raise HeadInvalid(f"{where}: {reason}.") from reason
