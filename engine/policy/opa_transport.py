"""How is a real OPA server asked without waiting, reading or following more than agreed?"""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp
import orjson
from opa_client.opa_async import AsyncOpaClient

from engine.errors import PolicyEngineUnavailable
from engine.model import Json
from engine.policy import answers

Result = TypeVar("Result")
_LARGE = 1 << 20
_PLAIN = {"Accept-Encoding": "identity"}
"""OPA is asked not to pack its answers: next to it, packing and unpacking costs more than the way."""


class OpaRefused(Exception):
    """OPA answered with an error status: its `code`, and the `errors` it lists."""

    def __init__(self, status: int, told: Json) -> None:
        body: Mapping[str, Json] = told if isinstance(told, dict) else {}
        listed = body.get("errors")
        errors = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        self.codes = [str(one.get("code")) for one in errors]
        reasons = [_located(one) for one in errors] or [str(body.get("message", "no reason given"))]
        super().__init__(f"HTTP {status}: {'; '.join(reasons)}")

    @property
    def blames_a_policy(self) -> bool:
        """Whether evaluating a policy went wrong, and not the server."""
        return bool(self.codes) and all(code.startswith("eval_") and code != "eval_cancel_error" for code in self.codes)


class TooLarge(PolicyEngineUnavailable):
    """The server's answer is larger than agreed, and was not read to its end."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer of the server, with what opa-python-client asks of one."""

    status: int
    body: bytes

    async def json(self) -> Json:
        return answers.decoded(self.body)

    async def text(self) -> str:
        return self.body.decode(errors="replace")

    def raise_for_status(self) -> None:
        if self.status >= 400:
            raise OpaRefused(self.status, answers.decoded(self.body))


class GuardedClient(AsyncOpaClient):  # type: ignore[misc]
    """opa-python-client with one try, no redirects, a cap on what it reads, and OPA's own words in errors."""

    def __init__(self, *, cap: int, **told: Any) -> None:
        super().__init__(retries=0, **told)
        self._cap = cap

    @asynccontextmanager
    async def _request(self, method: str, url: str, **told: Any) -> AsyncIterator[Reply]:
        told["headers"] = {**_PLAIN, **(told.get("headers") or {})}
        if "json" in told:
            told["data"] = _body(orjson.dumps(told.pop("json")))
            told["headers"]["Content-Type"] = "application/json"
        # The client asks for `/policies/`, which OPA answers with a redirect to `/policies`.
        async with self._session.request(method, url.removesuffix("/"), allow_redirects=False, **told) as response:
            if 300 <= response.status < 400:
                raise PolicyEngineUnavailable(f"{url} redirects, and redirects are not followed")
            yield Reply(response.status, await self._capped(response))

    async def _capped(self, response: aiohttp.ClientResponse) -> bytes:
        parts, size = [], 0
        async for part in response.content.iter_chunked(1 << 16):
            size += len(part)
            if size > self._cap:
                raise TooLarge(f"the server's answer is larger than {self._cap} bytes")
            parts.append(part)
        return b"".join(parts)


class PrivateLoop:
    """One event loop in one thread of its own, so that everything outside may stay synchronous."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    def run(self, work: Coroutine[Any, Any, Result], seconds: float) -> Result:
        """The result of the work. Raises TimeoutError when it takes longer than `seconds`."""
        with self._lock:  # so that `close` finds the work either not accepted or under way
            if self._closed:
                work.close()
                raise PolicyEngineUnavailable("the OPA engine is closed")
            future = asyncio.run_coroutine_threadsafe(asyncio.wait_for(work, seconds), self._started())
        return future.result()

    def close(self, last: Coroutine[Any, Any, None]) -> None:
        """Do the last work, then leave no thread; closing twice is fine."""
        with self._lock:
            loop, thread, self._closed = self._loop, self._thread, True
            self._loop = self._thread = None
        if loop is None or thread is None:
            last.close()
            return
        asyncio.run_coroutine_threadsafe(_ended(last), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, name="meshgate-opa", daemon=True)
            self._thread.start()
        return self._loop


async def _ended(last: Coroutine[Any, Any, None]) -> None:
    """Cancel what is under way, so that nobody waits for it for ever, then do the last work."""
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await last


def _body(content: bytes) -> bytes | io.BytesIO:
    """aiohttp warns about large bodies that are not streams."""
    return io.BytesIO(content) if len(content) > _LARGE else content


def _located(error: Mapping[str, Json]) -> str:
    place = error.get("location")
    where = f"{place.get('file')}:{place.get('row')}:{place.get('col')}: " if isinstance(place, dict) else ""
    return f"{where}{' '.join(str(error.get('message', error.get('code'))).split())}"
