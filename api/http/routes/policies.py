"""/v1/policies/{id}/suspension: is a policy set aside for a while?"""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.flows import suspensions as flow
from api.flows.once import Once
from api.http import bodies
from api.http.idempotency import answered_once, digest
from api.http.parts import Asker, TheHouse, answer
from engine.model import Json
from engine.policy.suspensions import Suspension

router = APIRouter(tags=["policies"])


class SuspensionForm(BaseModel):
    """The body of a suspension: why, and the day or moment until which."""

    model_config = ConfigDict(extra="forbid")

    reason: str
    until: str


_BODY: dict[str, Json] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": SuspensionForm.model_json_schema()}}}
}


@router.post("/v1/policies/{policy}/suspension", openapi_extra=_BODY)
async def suspend(request: Request, policy: str, house: TheHouse, asker: Asker) -> Response:
    """Demote a policy to a shadow for a while; every decision says so. A suspension that it has already is replaced."""
    body = await bodies.content(request, limit=bodies.SMALL)
    form = bodies.understood(body, SuspensionForm)

    def run(once: Once[Suspension] | None) -> Suspension:
        return flow.suspend(policy, reason=form.reason, until=form.until, principal=asker, house=house, once=once)

    def suspended() -> Response:
        return answered_once(
            request,
            house=house,
            principal=asker,
            request_digest=digest(b"suspension", policy.encode(), body),
            run=run,
            shown=lambda made: answer(asdict(made)),
        )

    return await run_in_threadpool(suspended)


@router.delete("/v1/policies/{policy}/suspension", status_code=204)
def unsuspend(policy: str, house: TheHouse, asker: Asker) -> Response:
    """Take a suspended policy back into force now; 404 where it is not suspended."""
    flow.unsuspend(policy, principal=asker, house=house)
    return Response(status_code=204)
