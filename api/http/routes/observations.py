"""/v1/observations: what was measured of products?"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.flows import observing as flow
from api.http import bodies
from api.http.parts import Asker, TheHouse, answer
from engine.model import Json

router = APIRouter(tags=["products"])

LARGEST = 1 << 20
"""Bytes of a batch."""


class Batch(BaseModel):
    """The body: each observation is judged by itself, so that one that is wrong harms no other."""

    model_config = ConfigDict(extra="forbid")

    observations: list[Any]


_BODY: dict[str, Json] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": Batch.model_json_schema()}}}
}


@router.post("/v1/observations", openapi_extra=_BODY)
async def observe(request: Request, house: TheHouse, asker: Asker) -> Response:
    """Take a batch of observations; the answer says of each whether it was stored, repeated or refused, and why."""
    batch = await bodies.form(request, Batch, limit=LARGEST)
    taken = await run_in_threadpool(flow.observe, batch.observations, principal=asker, house=house)
    counts = {state: sum(one.state == state for one in taken) for state in ("stored", "repeated", "refused")}
    return answer({**counts, "observations": [_told(one) for one in taken]})


def _told(one: flow.Taken) -> dict[str, Json]:
    told: dict[str, Json] = {"id": one.id, "state": one.state}
    if one.refusal is not None:
        return {**told, "code": one.refusal.code, "message": one.refusal.message}
    return {**told, "promised": one.promised}
