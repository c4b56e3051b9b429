"""How does a message reach an address that somebody else named, and nothing but that?

The name is asked for once, every address it leads to has to be allowed, and the connection goes to one of these:
a name that leads elsewhere a moment later leads nowhere. No redirect is followed, no proxy is used, what comes back is
not read, and all of it together ends by one deadline.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import httpx2

from api.flows.telling.delivery import Undelivered
from api.flows.telling.receivers import Receivers, port
from engine.errors import SubscriptionInvalid

SECONDS = 10.0
GONE = 410

Resolve = Callable[[str, int], Awaitable[list[str]]]


async def addresses(host: str, number: int) -> list[str]:
    """The addresses to which this name leads now."""
    found = await asyncio.get_running_loop().getaddrinfo(host, number, type=socket.SOCK_STREAM)
    return [str(one[4][0]) for one in found]


class HttpPost:
    """Posts over HTTP (`api.flows.telling.delivery.Post`)."""

    def __init__(
        self,
        receivers: Receivers,
        *,
        seconds: float = SECONDS,
        resolve: Resolve = addresses,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        self._receivers, self._seconds, self._resolve = receivers, seconds, resolve
        self._trusted = trusted or ssl.create_default_context()

    def __call__(self, url: str, headers: dict[str, str], body: bytes) -> None:
        """Return when the receiver answered with 2xx. Raises Undelivered."""
        try:
            status = asyncio.run(self._posted(url, headers, body))
        except TimeoutError:
            raise Undelivered(f"no answer within {self._seconds:g} s") from None
        except SubscriptionInvalid as reason:
            raise Undelivered(reason.detail, gone=True) from reason
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, UnicodeError) as reason:
            raise Undelivered(f"not reached ({str(reason) or type(reason).__name__})") from reason
        if 300 <= status < 400:
            raise Undelivered(f"answered with a redirect ({status}), and redirects are not followed")
        if not 200 <= status < 300:
            raise Undelivered(f"answered with status {status}", gone=status == GONE)

    async def _posted(self, url: str, headers: dict[str, str], body: bytes) -> int:
        parts = self._receivers.checked(url)
        host = parts.hostname or ""
        headers = {**headers, "host": parts.netloc, "accept-encoding": "identity"}
        async with asyncio.timeout(self._seconds):
            *others, last = await self._allowed(host, port(parts))
            for address in others:
                with suppress(httpx2.ConnectError):
                    return await self._answered(_at(url, address), host, headers, body)
            return await self._answered(_at(url, last), host, headers, body)

    async def _answered(self, there: httpx2.URL, host: str, headers: dict[str, str], body: bytes) -> int:
        options: dict[str, Any] = {"content": body, "headers": headers, "extensions": {"sni_hostname": host}}
        async with (
            httpx2.AsyncClient(
                timeout=self._seconds, follow_redirects=False, trust_env=False, verify=self._trusted
            ) as client,
            client.stream("POST", there, **options) as answer,
        ):
            return answer.status_code

    async def _allowed(self, host: str, number: int) -> list[str]:
        found = await self._resolve(host, number)
        refused = [one for one in found if not self._receivers.allow(one, host)]
        if refused or not found:
            told = f"leads to {refused[0]}, which is not public and not allowed" if refused else "leads nowhere"
            raise Undelivered(f"the name {host} {told}")
        return list(dict.fromkeys(found))


def _at(url: str, address: str) -> httpx2.URL:
    """The same place, asked for at this address."""
    return httpx2.URL(url).copy_with(host=address)
