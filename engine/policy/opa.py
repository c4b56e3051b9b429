"""How does a real OPA server answer for the policies?"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

from opa_client.errors import PolicyNotFoundError

from engine.errors import PolicyEngineUnavailable, SettingsInvalid
from engine.model import Answer, Bundle, Json, PolicyFailure
from engine.policy import answers, query
from engine.policy.breaker import CircuitBreaker
from engine.policy.opa_push import push
from engine.policy.opa_transport import GuardedClient, OpaRefused, PrivateLoop

PUSH_SECONDS = 30.0
_PARAMETERS = {"strict-builtin-errors": "true"}
Result = TypeVar("Result")
_HERE = query.PACKAGE.replace(".", "/")


class OpaServer:
    """The engine for a mesh that runs OPA already, asked through opa-python-client (DESIGN §4, Engines).

    With `push` we put the bundle there through the client (only when the server does not hold its revision yet);
    without, the server pulls the bundle itself, and an answer of another revision is an error that names both.
    One question takes `deadline` seconds at most, reads `cap` bytes at most, and is tried once.
    """

    name = "opa"

    def __init__(
        self,
        url: str,
        *,
        push: bool,
        token: str | None = None,
        deadline: float = 5.0,
        cap: int = 16 << 20,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        self._url, self._push, self._deadline = url, push, deadline
        self._client = GuardedClient(cap=cap, token=token, timeout=PUSH_SECONDS, **_address(url))
        self._loop = PrivateLoop()
        self._breaker = breaker or CircuitBreaker()
        self._turn = asyncio.Lock()
        self._open = False
        self._version = ""

    @property
    def version(self) -> str:
        """What the server called itself when it last answered; empty before."""
        return self._version

    def evaluate(self, bundle: Bundle, policies: Sequence[str], document: Mapping[str, Json]) -> dict[str, Answer]:
        """What each of the policies says about the document. Raises PolicyEngineUnavailable."""
        asked = [policy for policy in policies if policy in bundle.policies]
        found = answers.for_unknown(policies, bundle)
        if asked:
            found |= self._asked(bundle, asked, document)
        return {policy: found[policy] for policy in policies}

    def close(self) -> None:
        """Close the connections and end the private thread."""
        self._loop.close(self._client.close_connection())

    def _asked(self, bundle: Bundle, asked: Sequence[str], document: Mapping[str, Json]) -> dict[str, Answer]:
        try:
            with self._breaker.watching():
                return self._told(bundle, asked, document)
        except PolicyEngineUnavailable as reason:
            raise PolicyEngineUnavailable(f"OPA at {self._url}: {reason.detail}") from None

    def _told(self, bundle: Bundle, asked: Sequence[str], document: Mapping[str, Json]) -> dict[str, Answer]:
        try:
            return self._run(self._together(bundle, asked, document), self._deadline)
        except _Absent as absent:
            if not self._push:
                raise PolicyEngineUnavailable(str(absent)) from None
        self._run(self._pushed(bundle), PUSH_SECONDS)
        try:
            return self._run(self._together(bundle, asked, document), self._deadline)
        except _Absent as absent:
            raise PolicyEngineUnavailable(f"{absent}, though it was just pushed") from None

    def _run(self, work: Coroutine[Any, Any, Result], seconds: float) -> Result:
        try:
            return self._loop.run(work, seconds)
        except (PolicyEngineUnavailable, _Absent):
            raise
        except TimeoutError:
            raise PolicyEngineUnavailable(f"no whole answer within {seconds:g} s") from None
        except Exception as error:
            raise PolicyEngineUnavailable(f"{type(error).__name__}: {error}") from error

    async def _together(self, bundle: Bundle, asked: Sequence[str], document: Mapping[str, Json]) -> dict[str, Answer]:
        await self._opened()
        try:
            return await self._ask(bundle, asked, document)
        except OpaRefused as reason:
            if not reason.blames_a_policy:
                raise
            if len(asked) == 1:
                return {asked[0]: PolicyFailure(asked[0], str(reason))}
        return {policy: await self._alone(bundle, policy, document) for policy in asked}

    async def _alone(self, bundle: Bundle, policy: str, document: Mapping[str, Json]) -> Answer:
        try:
            return (await self._ask(bundle, [policy], document))[policy]
        except OpaRefused as reason:
            if not reason.blames_a_policy:
                raise
            return PolicyFailure(policy, str(reason))

    async def _ask(self, bundle: Bundle, asked: Sequence[str], document: Mapping[str, Json]) -> dict[str, Answer]:
        shown = answers.narrowed(document, asked)
        reply = await self._client.query_rule(shown, _HERE, "answer", query_params=_PARAMETERS)
        if not isinstance(reply, dict):
            raise PolicyEngineUnavailable("the answer is not an object")
        value = reply.get("result")
        if value is None:
            raise _Absent(f"it holds no bundle of policies, but {bundle.revision} is expected")
        if isinstance(value, dict) and value.get("revision") != bundle.revision:
            raise _Absent(f"it holds bundle {value.get('revision')}, but {bundle.revision} is expected")
        return answers.checked(value, revision=bundle.revision, asked=asked)

    async def _pushed(self, bundle: Bundle) -> None:
        """Put the bundle there, unless another thread has done so meanwhile."""
        async with self._turn:
            if await self._revision() != bundle.revision:
                await push(self._client, bundle)

    async def _revision(self) -> Json:
        try:
            return (await self._client.get_data(f"{_HERE}/revision"))["result"]
        except PolicyNotFoundError:
            return None

    async def _opened(self) -> None:
        """Open the connections at the first question, and learn the server's version."""
        async with self._turn:
            if self._version:
                return
            if not self._open:
                await self._client.__aenter__()
                self._open = True
            try:
                told = (await self._client.get_data("system/version"))["result"]
                self._version = str(told["version"])
            except PolicyNotFoundError:  # an OPA with rules of its own about who may read what
                self._version = "unknown"


class _Absent(Exception):
    """The server does not hold the bundle that is asked."""


def _address(url: str) -> dict[str, Any]:
    """The parts of the server's address that opa-python-client takes. Raises SettingsInvalid."""
    parts = urlsplit(url)
    try:
        port = parts.port or {"http": 8181, "https": 443}[parts.scheme]
    except (KeyError, ValueError):
        raise SettingsInvalid(f"opa_url {url!r} is not an address such as http://localhost:8181") from None
    if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise SettingsInvalid(f"opa_url {url!r} may hold only scheme, host and port: opa-python-client knows no more")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return {"host": host, "port": port, "ssl": parts.scheme == "https"}
