"""How does a real OPA server answer for the policies?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

from opa_client.errors import PolicyNotFoundError

from engine.errors import PolicyEngineUnavailable, SettingsInvalid
from engine.model import Answer, Bundle, Json, PolicyFailure
from engine.policy import answers, query, turns
from engine.policy.breaker import CircuitBreaker
from engine.policy.opa_push import push
from engine.policy.opa_transport import GuardedClient, OpaRefused, PrivateLoop, TooLarge
from engine.policy.port import Question

PUSH_SECONDS = 30.0
_PARAMETERS = {"strict-builtin-errors": "true"}
Result = TypeVar("Result")
_HERE = query.PACKAGE.replace(".", "/")
ASKED_AT = f"/v1/data/{_HERE}/answer?strict-builtin-errors=true"
"""Where the one question is asked, as the address on the server."""


class OpaServer:
    """The engine for a mesh that runs OPA already, asked through opa-python-client (DESIGN §4, Engines).

    With `push` we put the bundle there through the client (only when the server does not hold its revision yet);
    without, the server pulls the bundle itself, and an answer of another revision is an error that names both.
    One question takes `deadline` seconds at most, reads `cap` bytes at most, and is tried once. Where one policy spoils
    it for all (it takes the time, answers too much, or fails), they are asked one by one within one deadline more.
    """

    name = "opa"
    holds_several = False

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

    def evaluate_each(self, bundle: Bundle, questions: Sequence[Question]) -> list[dict[str, Answer] | None]:
        """What `evaluate` answers to each question; None where it must be asked alone.

        OPA's data API takes one input at a time, so only the way to the private thread and back is saved. (The client's
        bulk query is an ad-hoc query, which whoever runs an OPA may not want to allow, and one error in it is all's.)
        """
        told: list[dict[str, Answer] | None] = [None] * len(questions)
        with suppress(PolicyEngineUnavailable, _Absent), self._breaker.watching():
            self._run(self._each(bundle, questions, told), self._deadline)
        return told

    def close(self) -> None:
        """Close the connections and end the private thread."""
        self._loop.close(self._client.close_connection())

    def _asked(self, bundle: Bundle, asked: Sequence[str], document: Mapping[str, Json]) -> dict[str, Answer]:
        try:
            with self._breaker.watching():
                return self._told(bundle, asked, document)
        except PolicyEngineUnavailable as reason:
            raise PolicyEngineUnavailable(f"OPA at {self._url}: {reason.detail}") from None
        except _Absent as absent:  # the server is well: it has only not heard of the bundle yet, so it is asked on
            raise PolicyEngineUnavailable(f"OPA at {self._url}: {absent}") from None

    def _told(self, bundle: Bundle, asked: Sequence[str], document: Mapping[str, Json]) -> dict[str, Answer]:
        try:
            return self._settled(bundle, asked, document)
        except _Absent:
            if not self._push:
                raise
        self._run(self._pushed(bundle), PUSH_SECONDS)
        try:
            return self._settled(bundle, asked, document)
        except _Absent as absent:
            raise PolicyEngineUnavailable(f"{absent}, though it was just pushed") from None

    def _settled(self, bundle: Bundle, asked: Sequence[str], document: Mapping[str, Json]) -> dict[str, Answer]:
        """Ask for all together; where a policy stands in the way of the others, for each alone."""
        try:
            return self._run(self._ask(bundle, asked, document), self._deadline)
        except _Blamed as reason:
            end = time.monotonic() + self._deadline
            self._holds(bundle, self._deadline / 5)
            if len(asked) == 1:
                return {asked[0]: PolicyFailure(asked[0], str(reason))}
            return self._one_by_one(bundle, asked, document, end - time.monotonic())[0]
        except (_Late, TooLarge):
            end = time.monotonic() + self._deadline
            if not self._holds(bundle, self._deadline / 5) or len(asked) == 1:
                raise
            found, answered = self._one_by_one(bundle, asked, document, end - time.monotonic())
            if not answered:
                raise
            return found

    def _one_by_one(
        self, bundle: Bundle, asked: Sequence[str], document: Mapping[str, Json], seconds: float
    ) -> tuple[dict[str, Answer], set[str]]:
        """The answer of each policy asked alone, and those for which the server itself gave it."""
        answered: set[str] = set()

        def ask(policy: str, turn: float) -> Answer:
            try:
                found = self._alone(bundle, policy, document, turn)
            except TooLarge as reason:
                return PolicyFailure(policy, reason.detail)
            answered.add(policy)
            return found

        return turns.one_by_one(asked, ask, seconds=seconds), answered

    def _alone(self, bundle: Bundle, policy: str, document: Mapping[str, Json], seconds: float) -> Answer:
        try:
            return self._run(self._ask(bundle, [policy], document), seconds)[policy]
        except _Blamed as reason:
            return PolicyFailure(policy, str(reason))
        except _Late:
            raise turns.Unfinished(f"it did not finish within {round(seconds, 2):g} s and was given up") from None

    def _holds(self, bundle: Bundle, seconds: float) -> bool:
        """Whether the server answers in time, whatever, to a question that costs it nothing.

        Raises _Absent where it holds another bundle: then whatever went wrong is no fault of this one's policies.
        """
        try:
            held = self._run(self._told_revision(), seconds)
        except _Late:
            return False
        except PolicyEngineUnavailable:  # it may keep its revision to itself; the policies will tell
            return True
        if isinstance(held, str) and held != bundle.revision:
            raise _holds_another(bundle, held)
        return True

    def _run(self, work: Coroutine[Any, Any, Result], seconds: float) -> Result:
        try:
            return self._loop.run(work, seconds)
        except (PolicyEngineUnavailable, _Absent, _Blamed):
            raise
        except TimeoutError:
            raise _Late(f"no whole answer within {round(seconds, 2):g} s") from None
        except Exception as error:
            raise PolicyEngineUnavailable(f"{type(error).__name__}: {error}") from error

    async def _ask(self, bundle: Bundle, asked: Sequence[str], document: Mapping[str, Json]) -> dict[str, Answer]:
        await self._opened()
        shown = answers.narrowed(document, asked)
        try:
            reply = await self._client.query_rule(shown, _HERE, "answer", query_params=_PARAMETERS)
        except OpaRefused as reason:
            raise _Blamed(str(reason)) if reason.blames_a_policy else reason from None
        if not isinstance(reply, dict):
            raise PolicyEngineUnavailable("the answer is not an object")
        value = reply.get("result")
        if value is None:
            raise _Absent(f"it holds no bundle of policies, but {bundle.revision} is expected")
        if isinstance(value, dict) and value.get("revision") != bundle.revision:
            raise _holds_another(bundle, value.get("revision"))
        return answers.checked(value, revision=bundle.revision, asked=asked)

    async def _each(self, bundle: Bundle, questions: Sequence[Question], told: list[dict[str, Answer] | None]) -> None:
        """Note the answers one after the other; begin none that would have less than half of the time."""
        end = time.monotonic() + self._deadline / 2
        for place, one in enumerate(questions):
            if time.monotonic() > end:
                return
            if one.policies and bundle.policies.keys() >= set(one.policies):
                with suppress(_Blamed):
                    told[place] = await self._ask(bundle, one.policies, one.document)

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

    async def _told_revision(self) -> Json:
        await self._opened()
        return await self._revision()

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


class _Late(PolicyEngineUnavailable):
    """The server did not answer in time."""


class _Blamed(Exception):
    """Evaluating a policy went wrong; the server is well."""


class _Absent(Exception):
    """The server does not hold the bundle that is asked."""


def _holds_another(bundle: Bundle, held: Json) -> _Absent:
    return _Absent(f"it holds bundle {held}, but {bundle.revision} is expected")


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
