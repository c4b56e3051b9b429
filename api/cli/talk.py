"""How does a command reach the flows: over HTTP to the configured server, or through the same door in this process?

One client serves both, so that a command reads one kind of answer: with `server` set the request travels the network,
without it the same HTTP application answers in this process, on this machine's own catalog.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import orjson

from api.settings import Settings
from api.wiring import House
from engine.errors import GovernanceError
from engine.model import Json

HERE = "http://127.0.0.1"
SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def good(self) -> bool:
        return self.status < 400

    @property
    def body(self) -> dict[str, Any]:
        """The JSON object that was answered. Raises NoMeshgate where it is none."""
        try:
            told = orjson.loads(self.content)
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise NoMeshgate(f"It answered with status {self.status} and no JSON object.")
        return told

    def or_error(self) -> Answer:
        """This answer when it is good; raises Refused with what the server said otherwise."""
        if self.good:
            return self
        told = self.body
        detail = told.get("detail") or f"The server answered with status {self.status}."
        raise Refused(detail, code=told.get("code") or f"http-{self.status}", hint=told.get("hint") or "")


class Refused(GovernanceError):
    """The server refused the request, in its own words."""

    def __init__(self, detail: str, *, code: str, hint: str) -> None:
        super().__init__(detail)
        self.code = code  # type: ignore[misc]
        self.hint = hint  # type: ignore[misc]


class ServerUnreachable(GovernanceError):
    """The configured meshgate server did not answer."""

    code = "server-unreachable"
    hint = "Start it with `meshgate serve`, or leave `server` unset to work on this machine's own catalog."


class NoMeshgate(GovernanceError):
    """What answers at this address is no meshgate server."""

    code = "no-meshgate-server"
    hint = "Compare the address with the one that `meshgate serve` prints."


class Talk:
    """Sends requests to the configured server, or to an application in this process."""

    def __init__(self, settings: Settings, app: Any = None) -> None:
        self._server = settings.server or HERE
        self._token = None if app is not None else settings.server_token
        self._app = app

    def call(self, method: str, path: str, **options: Any) -> Answer:
        """The answer to one request. Raises ServerUnreachable when nothing comes back."""
        try:
            return asyncio.run(self._call(method, path, options))
        except httpx2.TransportError as reason:
            told = str(reason) or type(reason).__name__
            raise ServerUnreachable(f"The server {self._server} did not answer: {told}.") from reason

    def told(self, method: str, path: str, **options: Any) -> Answer:
        """The good answer to a request; raises Refused otherwise."""
        return self.call(method, path, **options).or_error()

    def graphql(self, query: str, **variables: Json) -> Any:
        """The `data` of a GraphQL answer. Raises Refused with the first error."""
        body = orjson.dumps({"query": query, "variables": variables})
        answer = self.call("POST", "/graphql", content=body, headers={"content-type": "application/json"})
        if errors := answer.body.get("errors"):
            told = errors[0].get("extensions") or {}
            raise Refused(errors[0]["message"], code=told.get("code", "graphql"), hint=told.get("hint", ""))
        return answer.or_error().body["data"]

    async def _call(self, method: str, path: str, options: dict[str, Any]) -> Answer:
        transport = httpx2.ASGITransport(app=self._app) if self._app is not None else None
        headers = {"authorization": f"Bearer {self._token}"} if self._token else {}
        async with httpx2.AsyncClient(
            base_url=self._server, transport=transport, timeout=SECONDS, headers=headers
        ) as client:
            answer = await client.request(method, path, **options)
        return Answer(answer.status_code, answer.headers, answer.content)


@contextmanager
def talking(
    settings: Settings, *, writes: bool = False, deploys: bool = False, rescans: bool = False, observes: bool = False
) -> Iterator[Talk]:
    """A talk with the configured server; without one, with this process, which owns the data while it writes.

    In this process the asker is `local`: whoever can start a command here can read the data anyway. Raises
    DataDirectoryBusy when another process owns the data.
    """
    if settings.server is not None:
        yield Talk(settings)
        return
    from api.http.app import create_app

    with ExitStack() as parts:
        house = parts.enter_context(House(replace(settings, tokens=None)))
        if writes:
            parts.enter_context(house.owning_the_data())
        if deploys:
            house.durable.start()
            parts.callback(house.durable.stop)
        if observes:
            house.observer.start()
            parts.callback(house.observer.stop)
        if rescans:
            house.rescanner.start()
            parts.callback(house.rescanner.stop)
        yield Talk(settings, create_app(house))


def streamed(settings: Settings, path: str, params: Mapping[str, str]) -> Iterator[bytes]:
    """The configured server's answer to a GET, piece by piece. Raises Refused, and ServerUnreachable on the way too."""
    headers = {"authorization": f"Bearer {settings.server_token}"} if settings.server_token else {}
    try:
        with (
            httpx2.Client(base_url=settings.server or HERE, timeout=SECONDS, headers=headers) as client,
            client.stream("GET", path, params=params) as answer,
        ):
            if answer.status_code >= 400:
                Answer(answer.status_code, answer.headers, answer.read()).or_error()
            yield from answer.iter_bytes()
    except (httpx2.TransportError, httpx2.DecodingError) as reason:
        told = str(reason) or type(reason).__name__
        raise ServerUnreachable(f"The server {settings.server} broke off its answer: {told}.") from reason
