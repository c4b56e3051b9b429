"""/opa/status, /opa/logs, /v1/opas: what do OPA servers report, with nothing but their own configuration?"""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.auth.permissions import Action, require
from api.flows.opas import reports
from api.http import bodies
from api.http.errors import BodyUnreadable
from api.http.parts import Asker, TheHouse, answer
from engine.model import Json

router = APIRouter(tags=["policies"])

PACKED = 4 << 20
UNPACKED = 32 << 20
STATUS = 1 << 20


@router.post("/opa/status")
@router.post("/opa/status/{partition}")
async def status(request: Request, house: TheHouse, asker: Asker) -> Response:
    """Keep the status of an OPA server (OPA's status API)."""
    require(asker, Action.REPORT)  # before anything is read
    body = await bodies.unpacked(request, limit=STATUS, largest=STATUS)
    await run_in_threadpool(lambda: reports.status(_json(body), principal=asker, house=house))
    return answer({})


@router.post("/opa/logs")
@router.post("/opa/logs/{partition}")
async def logs(request: Request, house: TheHouse, asker: Asker) -> Response:
    """Keep entries of an OPA server's decision log, gzipped or not; one that came before is not kept again."""
    require(asker, Action.REPORT)
    body = await bodies.unpacked(request, limit=PACKED, largest=UNPACKED)
    made = await run_in_threadpool(lambda: reports.log(_json(body), principal=asker, house=house))
    return answer({"stored": made.stored, "known": made.known, "unreadable": made.unreadable})


@router.get("/opa/logs/{decision_id}")
def entry(decision_id: str, house: TheHouse, asker: Asker) -> Response:
    """One entry of the decision logs, masked by the mask policy for everybody but auditors."""
    return Response(reports.entry(decision_id, principal=asker, house=house), media_type="application/json")


@router.get("/v1/opas")
def opas(
    house: TheHouse,
    asker: Asker,
    first: Annotated[int, Query(ge=1, le=1000)] = 100,
    after: str = "",
) -> Response:
    """The OPA servers that reported in the last 30 days: which revision each holds, since when, and what went wrong."""
    found = reports.known(principal=asker, house=house, first=first, after=after)
    return answer({"opas": [one._asdict() for one in found]})


def _json(body: bytes) -> Json:
    """What an OPA sends. Not read by our strict loader: what is in it was read by OPA, and is only kept."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as reason:
        raise BodyUnreadable(f"The body is no JSON: {reason}.") from None
