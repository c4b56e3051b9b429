"""What lies at the addresses that the references of one submission name?"""

from __future__ import annotations

import asyncio
import ssl
import time
from typing import TYPE_CHECKING

from api.reference_hosts import ReferenceHosts
from engine.descriptor import Limits, NotFetched

if TYPE_CHECKING:
    import httpx2

    from api.outgoing import Resolve

SECONDS = 5.0
"""For all addresses of one submission together."""
ROOM = 8 * 1024 * 1024
"""Bytes of all files that are fetched for one submission."""


class Fetching:
    """Fetches for one submission (`engine.descriptor.Remote`); the client is imported when there is something to fetch.

    What failed is not asked for again, however often a document names it.
    """

    def __init__(
        self,
        hosts: ReferenceHosts,
        *,
        seconds: float = SECONDS,
        room: int = ROOM,
        largest: int = Limits().size,
        resolve: Resolve | None = None,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        self._hosts, self._seconds, self._left = hosts, seconds, seconds
        self._room, self._largest = room, largest
        self._resolve, self._trusted = resolve, trusted
        self._failed: dict[str, str] = {}

    def fetch(self, url: str) -> bytes:
        """The bytes there. Raises ReferenceRefused for a host that is not listed, NotFetched."""
        self._hosts.refuse(url)
        if url in self._failed:
            raise NotFetched(self._failed[url])
        started = time.monotonic()
        try:
            content = self._got(url)
        except NotFetched as reason:
            self._failed[url] = str(reason)
            raise
        finally:
            self._left -= time.monotonic() - started
        self._room -= len(content)
        return content

    def _got(self, url: str) -> bytes:
        import httpx2

        from api.outgoing import NotAsked, Outgoing, addresses

        if self._left <= 0:
            raise NotFetched(f"no time is left of the {self._seconds:g} s for all addresses of a submission")
        outgoing = Outgoing(self._hosts.allow, resolve=self._resolve or addresses, trusted=self._trusted)
        try:
            return asyncio.run(
                outgoing.answer("GET", url, {"user-agent": "meshgate"}, seconds=self._left, take=self._taken)
            )
        except TimeoutError:
            raise NotFetched(f"not there within {self._seconds:g} s") from None
        except NotAsked as reason:
            raise NotFetched(str(reason)) from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, UnicodeError) as reason:
            raise NotFetched(f"not reached ({str(reason) or type(reason).__name__})") from None

    async def _taken(self, answer: httpx2.Response) -> bytes:
        """The body as it was sent, read no further than it may be long."""
        if 300 <= answer.status_code < 400:
            raise NotFetched(f"answered with a redirect ({answer.status_code}), and redirects are not followed")
        if answer.status_code != 200:
            raise NotFetched(f"answered with status {answer.status_code}")
        if answer.headers.get("content-encoding", "identity").lower() != "identity":
            raise NotFetched("answered with compressed content, although none was asked for")
        most, content = min(self._largest, self._room), bytearray()
        async for piece in answer.aiter_raw():
            content += piece
            if len(content) > most:
                raise NotFetched(f"larger than the {most:,} bytes that may be fetched")
        return bytes(content)
