"""How is an address asked that somebody else named, and nothing but that?

The name is asked for once, every address it leads to has to be allowed, and the connection goes to one of these:
a name that leads elsewhere a moment later leads nowhere. No redirect is followed, no proxy is used, no credentials are
sent, nothing is decompressed, and all of it together ends by one deadline.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx2

from api.destinations import port

Resolve = Callable[[str, int], Awaitable[list[str]]]
Answered = TypeVar("Answered")


class NotAsked(Exception):
    """The name leads to no address that may be asked; the message says where."""


async def addresses(host: str, number: int) -> list[str]:
    """The addresses to which this name leads now. Raises OSError, UnicodeError.

    A name server that never answers holds nobody longer than a deadline says: the thread that asks it is left behind,
    which the threads of the event loop are not.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def told(found: list[str] | Exception) -> None:
        if answer.done():
            return
        if isinstance(found, Exception):
            answer.set_exception(found)
        else:
            answer.set_result(found)

    def ask() -> None:
        found: list[str] | Exception
        try:
            found = [str(one[4][0]) for one in socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)]
        except (OSError, UnicodeError) as reason:
            found = reason
        with suppress(RuntimeError):  # the loop ended before
            loop.call_soon_threadsafe(told, found)

    threading.Thread(target=ask, daemon=True).start()
    return await answer


class Outgoing:
    """Asks over HTTP; `allow` says whether an address, to which a name leads, may be asked."""

    def __init__(
        self,
        allow: Callable[[str, str], bool],
        *,
        resolve: Resolve = addresses,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        self._allow, self._resolve = allow, resolve
        self._trusted = trusted or ssl.create_default_context()

    async def answer(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        *,
        seconds: float,
        take: Callable[[httpx2.Response], Awaitable[Answered]],
        body: bytes = b"",
    ) -> Answered:
        """What `take` makes of the answer. Raises NotAsked, TimeoutError, httpx2.HTTPError, OSError, UnicodeError."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        headers = {**headers, "host": parts.netloc, "accept-encoding": "identity"}
        async with asyncio.timeout(seconds):
            *others, last = await self._allowed(host, port(parts))
            options: dict[str, Any] = {"content": body, "headers": headers, "extensions": {"sni_hostname": host}}
            async with httpx2.AsyncClient(
                timeout=seconds, follow_redirects=False, trust_env=False, verify=self._trusted
            ) as client:
                for address in others:
                    with suppress(httpx2.ConnectError):
                        async with client.stream(method, _at(url, address), **options) as answer:
                            return await take(answer)
                async with client.stream(method, _at(url, last), **options) as answer:
                    return await take(answer)

    async def _allowed(self, host: str, number: int) -> list[str]:
        found = await self._resolve(host, number)
        refused = [one for one in found if not self._allow(one, host)]
        if refused or not found:
            told = f"leads to {refused[0]}, which is not public and not allowed" if refused else "leads nowhere"
            raise NotAsked(f"the name {host} {told}")
        return list(dict.fromkeys(found))


def _at(url: str, address: str) -> httpx2.URL:
    """The same place, asked for at this address."""
    return httpx2.URL(url).copy_with(host=address)
