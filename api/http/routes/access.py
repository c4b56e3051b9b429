"""/v1/access-requests: who may read which port, who asks for it, and who decides?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.flows.access import deciding, requesting, showing
from api.flows.access.showing import State
from api.flows.access.wish import Wish
from api.flows.once import Once
from api.http import bodies
from api.http.idempotency import answered_once, digest
from api.http.parts import Asker, TheHouse, answer
from api.http.routes.deployments import REASON, reason_of
from catalog.access import AccessRequest, Sought
from engine.model import Json

router = APIRouter(tags=["access"])

PLACE = "/v1/access-requests"


class AccessForm(BaseModel):
    """The body of a request; `product` is the fqn or id of a line, `subject` begins with user:, group: or product:."""

    model_config = ConfigDict(extra="forbid")

    product: str
    port: str
    environment: str
    subject: str
    purpose: str = ""
    until: str = ""


_BODY: dict[str, Json] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": AccessForm.model_json_schema()}}}
}


@router.get(PLACE)
def requests(
    house: TheHouse,
    asker: Asker,
    product: str | None = None,
    port: str | None = None,
    environment: str | None = None,
    subject: str | None = None,
    state: Annotated[list[State] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    after: str | None = None,
) -> Response:
    """Requests for access, the newest first, with what became of each; `next` is the cursor to go on from."""
    sought = Sought(product, port, environment, subject, None if state is None else [str(one) for one in state])
    found = showing.page(sought, principal=asker, house=house, limit=limit, after=after)
    return answer({"requests": [one.told() for one in found.requests], "next": found.next})


@router.get(PLACE + "/{request}")
def request(request: str, house: TheHouse, asker: Asker) -> Response:
    """One request, with whether what it grants is in effect."""
    return answer(showing.one(request, principal=asker, house=house).told())


@router.post(PLACE, status_code=201, openapi_extra=_BODY)
async def create(request: Request, house: TheHouse, asker: Asker) -> Response:
    """Ask for access to an output port; nobody is let in before somebody of the product's domain approves it.

    422 `access-refused` with `reasons` where policies are against it; 422 `access-invalid`; 409 `access-waiting`.
    """
    body = await bodies.content(request, limit=bodies.SMALL)
    wish = Wish(**bodies.understood(body, AccessForm).model_dump())

    def run(once: Once[AccessRequest] | None) -> AccessRequest:
        return requesting.request(wish, principal=asker, house=house, once=once)

    return await run_in_threadpool(_once, request, house, asker, digest(b"access", body), run, 201)


@router.post(PLACE + "/{access}/{step}", openapi_extra=REASON)
async def step(request: Request, access: str, step: deciding.Step, house: TheHouse, asker: Asker) -> Response:
    """Approve, reject or revoke a request. Nobody approves their own; who made one may revoke it.

    409 `access-decided` where the step does not lead on from its state; 422 `access-refused` at an approval.
    """
    note = await reason_of(request)

    def run(once: Once[AccessRequest] | None) -> AccessRequest:
        return deciding.take(step, access, note=note, principal=asker, house=house, once=once)

    asked = digest(b"access step", access.encode(), step.encode(), note.encode())
    return await run_in_threadpool(_once, request, house, asker, asked, run, 200)


def _once(
    request: Request,
    house: TheHouse,
    asker: Asker,
    request_digest: str,
    run: Callable[[Once[AccessRequest] | None], AccessRequest],
    status: int,
) -> Response:
    def shown(made: AccessRequest) -> Response:
        where = {"Location": f"{PLACE}/{made.id}"} if status == 201 else {}
        return answer(showing.shown([made], principal=asker, sets=house.access_sets)[0].told(), status, where)

    return answered_once(request, house=house, principal=asker, request_digest=request_digest, run=run, shown=shown)
