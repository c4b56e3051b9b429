"""How does a message reach an address that somebody else named, and nothing but that?

As everything that goes out (`api.outgoing`): to an allowed address, without redirects, by one deadline. What comes
back is not read.
"""

from __future__ import annotations

import asyncio
import ssl

import httpx2

from api.destinations import Destinations
from api.flows.telling.delivery import Undelivered
from api.flows.telling.receivers import checked
from api.outgoing import NotAsked, Outgoing, Resolve, addresses
from engine.errors import SubscriptionInvalid

SECONDS = 10.0
GONE = 410


class HttpPost:
    """Posts over HTTP (`api.flows.telling.delivery.Post`)."""

    def __init__(
        self,
        allowed: Destinations,
        *,
        seconds: float = SECONDS,
        resolve: Resolve = addresses,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        self._allowed, self._seconds = allowed, seconds
        self._outgoing = Outgoing(allowed.allow, resolve=resolve, trusted=trusted)

    def __call__(self, url: str, headers: dict[str, str], body: bytes) -> None:
        """Return when the receiver answered with 2xx. Raises Undelivered."""
        try:
            checked(url, self._allowed)
            status = asyncio.run(
                self._outgoing.answer("POST", url, headers, seconds=self._seconds, take=_status, body=body)
            )
        except TimeoutError:
            raise Undelivered(f"no answer within {self._seconds:g} s") from None
        except SubscriptionInvalid as reason:
            raise Undelivered(reason.detail, gone=True) from reason
        except NotAsked as reason:
            raise Undelivered(str(reason)) from reason
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, UnicodeError) as reason:
            raise Undelivered(f"not reached ({str(reason) or type(reason).__name__})") from reason
        if 300 <= status < 400:
            raise Undelivered(f"answered with a redirect ({status}), and redirects are not followed")
        if not 200 <= status < 300:
            raise Undelivered(f"answered with status {status}", gone=status == GONE)


async def _status(answer: httpx2.Response) -> int:
    return answer.status_code
