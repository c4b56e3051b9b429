"""How is an installed adapter lent to other machines, over HTTP (`meshgate adapter serve`)?"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from engine.provision.calls import CALLBACK, CALLS, Call
from engine.provision.contract import Provisioner
from engine.provision.openapi import PROBLEM, document
from engine.provision.serving import Reply, reply

LARGEST = 4 * 1024 * 1024


def app(adapter: Provisioner) -> Starlette:
    """The upp/1 service of this adapter; `/openapi.json` describes it."""
    routes = [Route(call.path, _answering(adapter, name, call), methods=[call.method]) for name, call in CALLS.items()]
    return Starlette(routes=[Route("/openapi.json", lambda _: JSONResponse(document())), *routes])


def _answering(adapter: Provisioner, name: str, call: Call) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            arguments = await _arguments(request, call)
        except ValueError as reason:
            return _told(Reply(422, {"class": "INVALID", "title": "upp/1", "detail": str(reason), "status": 422}))
        return _told(await run_in_threadpool(reply, adapter, name, arguments))

    return answer


async def _arguments(request: Request, call: Call) -> dict[str, Any]:
    """The arguments of a call from path, query and body. Raises ValueError for what cannot be read."""
    found: dict[str, Any] = {name: request.path_params[name] for name in call.arguments if name in request.path_params}
    for name in call.query:
        text = request.query_params.get(name)
        found[name] = json.loads(text) if text is not None and call.arguments[name] == "ResourceRef" else text
    if call.body:
        told = json.loads(await _body(request))
        found |= {call.body[0]: told} if len(call.body) == 1 else _named(told, call)
    named = found.get("request") or found.get("ref")
    if isinstance(named, dict) and CALLBACK in request.headers:
        named["callback"] = request.headers[CALLBACK]
    if (
        "id" in request.path_params
        and isinstance(named, dict)
        and named.get("resource_id") != request.path_params["id"]
    ):
        raise ValueError("the path names another resource than the body")
    return found


def _named(told: Any, call: Call) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise ValueError(f"the body is an object of {', '.join(call.body)}")
    return told


async def _body(request: Request) -> bytes:
    kept = bytearray()
    async for piece in request.stream():
        kept += piece
        if len(kept) > LARGEST:
            raise ValueError(f"the body has more than {LARGEST} bytes")
    return bytes(kept)


def _told(answer: Reply) -> Response:
    kind = PROBLEM if answer.status >= 400 and "class" in answer.body else "application/json"
    return JSONResponse(answer.body, answer.status, media_type=kind)
