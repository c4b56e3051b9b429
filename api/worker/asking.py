"""How does an adapter ask another machine, and nothing but that (`engine.provision.asking.Ask`)?

As everything that goes out (`api.outgoing`): to an allowed address, without redirects, by one deadline, with a bound on
what comes back.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx2

from api.destinations import Destinations
from api.outgoing import NotAsked, Outgoing, Resolve, addresses
from engine.provision.asking import Answer
from engine.provision.contract import failed

READS = frozenset({"GET", "HEAD", "OPTIONS"})


class HttpAsk:
    """Asks over HTTP; over plain http only what the operator lists."""

    def __init__(
        self, allowed: Destinations, *, resolve: Resolve = addresses, trusted: ssl.SSLContext | None = None
    ) -> None:
        self._secure = Outgoing(allowed.allow, resolve=resolve, trusted=trusted)
        self._plain = Outgoing(allowed.listed, resolve=resolve, trusted=trusted)

    def __call__(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, seconds: float, at_most: int
    ) -> Answer:
        unheard = "TRANSIENT" if method in READS else "UNKNOWN_OUTCOME"
        way = self._secure if urlsplit(url).scheme == "https" else self._plain

        async def whole(answer: httpx2.Response) -> Answer:
            kept = bytearray()
            async for piece in answer.aiter_bytes():
                kept += piece
                if len(kept) > at_most:
                    raise failed(unheard, f"{_shown(url)} answered with more than {at_most} bytes")
            told = {name.lower(): value for name, value in answer.headers.items()}
            return Answer(answer.status_code, told, bytes(kept))

        try:
            asked = way.answer(method, url, dict(headers), seconds=seconds, take=whole, body=body)
            return asyncio.run(asked)
        except NotAsked as reason:
            raise failed("INVALID", f"{_shown(url)}: {reason} (`adapter_hosts`)") from reason
        except TimeoutError:
            raise failed("TIMEOUT", f"{_shown(url)} did not answer within {seconds:g} s") from None
        except httpx2.ConnectError as reason:
            raise failed("TRANSIENT", f"{_shown(url)} is not reached: {reason}") from reason
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, UnicodeError) as reason:
            raise failed(unheard, f"{_shown(url)}: {str(reason) or type(reason).__name__}") from reason


def _shown(url: str) -> str:
    """The address without what a secret may stand in."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
