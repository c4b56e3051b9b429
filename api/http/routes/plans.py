"""/v1/plans: what would a deployment do, and may it? Nothing is changed."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.flows.preview import preview
from api.http import bodies
from api.http.parts import Asker, TheHouse, answer
from api.http.routes.deployments import WISH, WishForm, wish_of

router = APIRouter(tags=["deployments"])


@router.post("/v1/plans", openapi_extra=WISH)
async def create(request: Request, house: TheHouse, asker: Asker) -> Response:
    """The plan that the same body at `POST /v1/deployments` would get now, with what adapters see, and its decision.

    200 also where it is not cleared: then `cleared` is false and `reasons` says why. `asks` says whose word it would
    need, `destroys` what it removes or makes anew. The plan's digest, sent as `plan` with the deployment, pins it.
    """
    form = bodies.understood(await bodies.content(request, limit=bodies.SMALL), WishForm)
    return answer(await run_in_threadpool(lambda: preview(wish_of(form), principal=asker, house=house)))
