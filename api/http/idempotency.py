"""How is a request with an `Idempotency-Key` answered the second time? Exactly as the first time."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response

from api.flows.once import Once
from api.http.problems import problem, status_of
from api.wiring import House
from engine.errors import GovernanceError
from engine.model import Json, Principal

KEY = "Idempotency-Key"
REPLAYED = {"Idempotency-Replayed": "true"}

Result = TypeVar("Result")


def digest(*pieces: bytes) -> str:
    """What makes two requests the same: each piece counted with its length, so that none runs into the next."""
    hashed = hashlib.sha256()
    for piece in pieces:
        hashed.update(len(piece).to_bytes(8, "big") + piece)
    return hashed.hexdigest()


def answered_once(
    request: Request,
    *,
    house: House,
    principal: Principal,
    request_digest: str,
    run: Callable[[Once[Result] | None], Result],
    shown: Callable[[Result], Response],
) -> Response:
    """Run the flow and show its result; under a key that is known already, replay the answer instead.

    Answers that say "not now" (5xx) are not kept. Errors of the flow are raised, after their problem was kept.
    """
    key = request.headers.get(KEY)
    if key is None:
        return shown(run(None))

    def told(result: Result | GovernanceError) -> Json | None:
        if isinstance(result, GovernanceError):
            shows_later = status_of(result) >= 500
            return None if shows_later else _packed(problem(result, instance=request.url.path))
        return _packed(shown(result))

    once: Once[Result] = Once(key, request_digest, principal=principal, told=told)
    if (kept := once.claim(house.database)) is not None:
        return _unpacked(kept)
    return shown(_run(once, house, run))


def _run(once: Once[Result], house: House, run: Callable[[Once[Result] | None], Result]) -> Result:
    try:
        result = run(once)
    except GovernanceError as error:
        once.close(house.database, error)
        raise
    except BaseException:
        once.close(house.database, None)
        raise
    once.close(house.database, result)
    return result


def _packed(response: Response) -> Json:
    headers = {name: value for name, value in response.headers.items() if name in ("content-type", "location")}
    content = base64.b64encode(bytes(response.body)).decode()
    return {"status": response.status_code, "headers": headers, "content": content}


def _unpacked(kept: Mapping[str, Json]) -> Response:
    content = base64.b64decode(kept["content"])
    return Response(content, kept["status"], {**kept["headers"], **REPLAYED})
