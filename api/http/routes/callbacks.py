"""/v1/callbacks: what did the platform of an adapter want to say about an operation?

No token is asked for: the end of the address is unguessable, and the message is signed where its sender can sign.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.flows import callbacks as flow
from api.http import bodies
from api.http.parts import TheHouse, answer
from api.secret_references import resolved

router = APIRouter(tags=["deployments"])


@router.post("/v1/callbacks/{token}", status_code=202)
async def signed(token: str, request: Request, house: TheHouse) -> Response:
    """Say that an operation moved: a CloudEvent 1.0, signed as Standard Webhooks says. It is then asked how it is.

    202 whether or not it came before; 404 for an address that was not given out; 401 for another signature, or one
    that is older than five minutes.
    """
    body = await bodies.content(request, limit=bodies.SMALL)
    headers = {name: request.headers.get(name, "") for name in ("webhook-id", "webhook-timestamp", "webhook-signature")}
    await run_in_threadpool(lambda: flow.signed(token, headers, body, callbacks=house.callbacks, secret=resolved))
    return answer({}, 202)


@router.patch("/v1/callbacks/{token}", status_code=202)
async def unsigned(token: str, request: Request, house: TheHouse) -> Response:
    """The `callbackRef` of an executor of Open Data Mesh, `{status, results, errors}`. It is then asked how it is."""
    body = await bodies.content(request, limit=bodies.SMALL)
    await run_in_threadpool(lambda: flow.unsigned(token, body, callbacks=house.callbacks))
    return answer({}, 202)
