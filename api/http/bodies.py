"""What did the client send, within bounds?

Bodies are read from the stream and counted while they arrive, because the framework has no limit of its own, and
documents are read by our own strict loader, because the framework's takes duplicate keys and NaN.
"""

from __future__ import annotations

import zlib
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from api.http.errors import BodyUnreadable, MediaTypeUnsupported
from api.http.problems import invalid
from engine.descriptor.limits import Limits
from engine.descriptor.source import parse, refused
from engine.descriptor.text import SourceRefused
from engine.errors import BodyTooLarge

SMALL = 64 * 1024
"""Enough for every body that is not a descriptor."""

Form = TypeVar("Form", bound=BaseModel)


async def content(request: Request, *, limit: int) -> bytes:
    """The body, never more than `limit` bytes of it.

    Raises BodyTooLarge while reading, and MediaTypeUnsupported for a compressed body, whose true size is unknown.
    """
    if encoding := request.headers.get("content-encoding", "").strip():
        raise MediaTypeUnsupported(f"Content-Encoding `{encoding}` is not taken; send the body as it is.")
    return await _read(request, limit)


async def _read(request: Request, limit: int) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and len(declared) < 20 and int(declared) > limit:
        raise _too_large(limit)
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > limit:
            raise _too_large(limit)
    return bytes(read)


async def unpacked(request: Request, *, limit: int, largest: int) -> bytes:
    """As `content`, for a call that also takes `Content-Encoding: gzip`: then never more than `largest` bytes come out.

    Raises BodyTooLarge, MediaTypeUnsupported for another encoding, BodyUnreadable for what is no gzip.
    """
    if request.headers.get("content-encoding", "").strip().lower() != "gzip":
        return await content(request, limit=limit)
    packed = await _read(request, limit)
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        body = inflate.decompress(packed, largest)
    except zlib.error as reason:
        raise BodyUnreadable(f"The body is no gzip: {reason}.") from None
    if inflate.unconsumed_tail:
        raise _too_large(largest)
    if not inflate.eof or inflate.unused_data:
        raise BodyUnreadable("The body is not one whole gzip.")
    return body


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(f"The body is larger than {limit} bytes, the limit of this call.", limit=limit)


def media_type(request: Request) -> str:
    """The media type of the body without parameters, in lower case; empty when none was sent."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def charset(request: Request) -> str:
    """The character set that the body is said to be in, in lower case; empty when none is named."""
    parameters = request.headers.get("content-type", "").split(";")[1:]
    named = [
        value for name, _, value in (one.partition("=") for one in parameters) if name.strip().lower() == "charset"
    ]
    return ",".join(value.strip().strip('"').lower() for value in named)


async def form(request: Request, kind: type[Form], *, limit: int = SMALL) -> Form:
    """A small JSON body, of `limit` bytes at most, read strictly and checked field by field.

    Raises MediaTypeUnsupported, BodyTooLarge, BodyUnreadable or RequestInvalid.
    """
    if media_type(request) not in ("application/json", ""):
        raise MediaTypeUnsupported("This call takes application/json.")
    return understood(await content(request, limit=limit), kind)


def understood(body: bytes, kind: type[Form]) -> Form:
    """The fields of a JSON body. Raises BodyUnreadable or RequestInvalid."""
    try:
        value = parse("body.json", body, Limits()).value
    except SourceRefused as refusal:
        place, msg = refused("body.json", body, refusal)
        raise BodyUnreadable(f"Line {place.line}, column {place.column}: {msg}.") from refusal
    try:
        return kind.model_validate(value, strict=True)
    except ValidationError as reason:
        raise invalid(reason.errors(include_url=False)) from reason
