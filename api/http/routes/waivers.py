"""/v1/waivers: which exceptions are there, who asks for one, and who decides?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.flows import waivers as flow
from api.flows.once import Once
from api.flows.waiver_list import State, Wanted
from api.flows.waiver_list import waivers as listed
from api.http import bodies
from api.http.idempotency import answered_once, digest
from api.http.parts import Asker, TheHouse, answer
from catalog.waivers import StoredWaiver
from engine.model import Json

router = APIRouter(tags=["waivers"])

MOST = 1000


class WaiverForm(BaseModel):
    """The body of a request: the keys of a waiver file but for its id and its people, who are who asks and approves."""

    model_config = ConfigDict(extra="forbid")

    policy: str
    product: str
    reason: str
    until: str
    code: str = ""
    component: str = ""
    within: str = ""
    ticket: str = ""
    begins: str = Field("", alias="from")


class StepForm(BaseModel):
    """The body of a step; to reject or revoke needs a reason."""

    model_config = ConfigDict(extra="forbid")

    reason: str = ""


def _body(form: type[BaseModel], *, required: bool) -> dict[str, Json]:
    return {
        "requestBody": {"required": required, "content": {"application/json": {"schema": form.model_json_schema()}}}
    }


@router.get("/v1/waivers")
def waivers(
    house: TheHouse,
    asker: Asker,
    product: str | None = None,
    policy: str | None = None,
    state: State | None = None,
    expiring_within: Annotated[int | None, Query(ge=0, le=3650, description="days")] = None,
    unused: bool | None = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
) -> Response:
    """Waivers of the governance folder and of the catalog, the earliest end first."""
    within = None if expiring_within is None else timedelta(days=expiring_within)
    found = listed(Wanted(product, policy, state, within, unused), principal=asker, house=house)
    return answer({"waivers": [asdict(one) for one in found[:limit]], "total": len(found)})


@router.post("/v1/waivers", status_code=201, openapi_extra=_body(WaiverForm, required=True))
async def request(request: Request, house: TheHouse, asker: Asker) -> Response:
    """Ask for a waiver; it excuses nothing before somebody else approves it.

    422 `waiver-invalid` names everything that is wrong.
    """
    body = await bodies.content(request, limit=bodies.SMALL)
    asked = bodies.understood(body, WaiverForm).model_dump(by_alias=True)

    def run(once: Once[StoredWaiver] | None) -> StoredWaiver:
        return flow.request(asked, principal=asker, house=house, once=once)

    return await run_in_threadpool(_once, request, house, asker, digest(b"waivers", body), run, 201)


@router.post("/v1/waivers/{waiver}/{step}", openapi_extra=_body(StepForm, required=False))
async def step(request: Request, waiver: str, step: flow.Step, house: TheHouse, asker: Asker) -> Response:
    """Approve, reject or revoke a waiver. Nobody approves their own; who requested one may revoke it.

    409 `waiver-decided` where the step does not lead on from its state.
    """
    body = await bodies.content(request, limit=bodies.SMALL)
    note = bodies.understood(body, StepForm).reason if body else ""

    def run(once: Once[StoredWaiver] | None) -> StoredWaiver:
        return flow.take(step, waiver, note=note, principal=asker, house=house, once=once)

    asked = digest(b"waiver step", waiver.encode(), step.encode(), body)
    return await run_in_threadpool(_once, request, house, asker, asked, run, 200)


def _once(
    request: Request,
    house: TheHouse,
    asker: Asker,
    request_digest: str,
    run: Callable[[Once[StoredWaiver] | None], StoredWaiver],
    status: int,
) -> Response:
    return answered_once(
        request,
        house=house,
        principal=asker,
        request_digest=request_digest,
        run=run,
        shown=lambda waiver: answer(waiver._asdict(), status),
    )
