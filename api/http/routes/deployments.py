"""/v1/deployments: may this version run there, and how does the doing of it go?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.flows import approve as approving
from api.flows import cancel as cancelling
from api.flows import containers as flow
from api.flows import deploy
from api.flows.once import Once
from api.flows.standing import Requested, Standing, Wish
from api.http import bodies
from api.http.idempotency import answered_once, digest
from api.http.parts import Asker, TheHouse, answer
from api.wiring import House
from engine.model import Json, Principal

router = APIRouter(tags=["deployments"])


DIGEST = "^sha256:[0-9a-f]{64}$"


class WishForm(BaseModel):
    """The body of a request to deploy; `product` is the fqn or id of a line, `plan` the digest of the only plan wanted.

    `consent` agrees to whatever the plan removes or makes anew.
    """

    model_config = ConfigDict(extra="forbid")

    product: str
    version: str
    environment: str
    rollback: bool = False
    consent: bool = False
    plan: Annotated[str, Field(pattern=DIGEST)] | None = None


WISH: dict[str, Json] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": WishForm.model_json_schema()}}}
}


@router.post("/v1/deployments", status_code=202, openapi_extra=WISH)
async def create(request: Request, house: TheHouse, asker: Asker) -> Response:
    """Deploy an accepted version to an environment.

    202 with `Location`: begun, or running already for the same version and content; 200: live and in sync already.
    409 `container-occupied` names the holder; 409 `downgrade` unless `rollback`; 422 `not-cleared` gives reasons; 422
    `plan-invalid` says why nothing can be planned. What needs consent or approval waits in `awaiting_approval`.
    """
    body = await bodies.content(request, limit=bodies.SMALL)
    form = bodies.understood(body, WishForm)
    wish = wish_of(form)

    def requested() -> Response:
        return answered_once(
            request,
            house=house,
            principal=asker,
            request_digest=digest(b"deployments", form.model_dump_json().encode()),
            run=lambda once: _requested(wish, asker, house, once),
            shown=shown,
        )

    return await run_in_threadpool(requested)


def wish_of(form: WishForm) -> Wish:
    """What the body asks for."""
    return Wish(form.product, form.version, form.environment, form.rollback, form.consent, form.plan or "")


def _requested(wish: Wish, principal: Principal, house: House, once: Once[Requested] | None) -> Requested:
    return deploy.request(
        wish,
        principal=principal,
        database=house.database,
        durable=house.durable,
        rules_on=house.rules_on,
        engine=house.engine,
        environments=house.places,
        now=house.clock(),
        once=once,
    )


def shown(requested: Requested, **more: Json) -> Response:
    """Where the deployment is, and what else there is to say; 200 when there is nothing left to do, else 202."""
    told = {"id": requested.deployment_id, "container": requested.container_id, "standing": requested.standing, **more}
    status = 200 if requested.standing is Standing.LIVE else 202
    return answer(told, status, {"Location": f"/v1/deployments/{requested.deployment_id}"})


@router.get("/v1/deployments/{deployment}")
def deployment(deployment: str, house: TheHouse, asker: Asker) -> Response:
    """The deployment: its state and reason, its plan, and the resources of its container."""
    return answer(flow.deployment(deployment, principal=asker, containers=house.containers))


class ReasonForm(BaseModel):
    """The body of a request that asks why."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(max_length=2000)] = ""


REASON: dict[str, Json] = {
    "requestBody": {"required": False, "content": {"application/json": {"schema": ReasonForm.model_json_schema()}}}
}


async def reason_of(request: Request) -> str:
    """Why somebody asks for it; nothing where the body is empty."""
    body = await bodies.content(request, limit=bodies.SMALL)
    return bodies.understood(body, ReasonForm).reason if body else ""


@router.post("/v1/deployments/{deployment}/cancel", status_code=202, openapi_extra=REASON)
async def cancel(request: Request, deployment: str, house: TheHouse, asker: Asker) -> Response:
    """Let the deployment turn back at its next step; asking twice changes nothing.

    409 `deployment-ending` where it has ended, or is on its way back already.
    """
    reason = await reason_of(request)

    def cancelled() -> Response:
        cancelling.cancel(deployment, reason=reason, principal=asker, database=house.database)
        found = flow.deployment(deployment, principal=asker, containers=house.containers)
        return answer(found, 202, {"Location": f"/v1/deployments/{deployment}"})

    return await run_in_threadpool(cancelled)


class ApprovalForm(BaseModel):
    """The body of an approval: the digest of the plan that is approved."""

    model_config = ConfigDict(extra="forbid")

    plan: Annotated[str, Field(pattern=DIGEST)]
    reason: Annotated[str, Field(max_length=2000)] = ""


class RefusalForm(BaseModel):
    """The body of a refusal, which says why."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    reason: Annotated[str, Field(min_length=1, max_length=2000)]


def _body(form: type[BaseModel]) -> dict[str, Json]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": form.model_json_schema()}}}}


@router.post("/v1/deployments/{deployment}/approve", status_code=202, openapi_extra=_body(ApprovalForm))
async def approve(request: Request, deployment: str, house: TheHouse, asker: Asker) -> Response:
    """Let a deployment that waits for people go on with this plan; approving the same twice changes nothing.

    409 `plan-moved` where its plan is another, `not-awaiting-approval` where it waits for nobody. Who asked for a
    deployment never approves it; they may consent to what it removes where nobody has to approve it.
    """
    form = bodies.understood(await bodies.content(request, limit=bodies.SMALL), ApprovalForm)

    def approved() -> Response:
        plan, reason = form.plan, form.reason
        approving.approve(deployment, plan=plan, reason=reason, principal=asker, database=house.database)
        found = flow.deployment(deployment, principal=asker, containers=house.containers)
        return answer(found, 202, {"Location": f"/v1/deployments/{deployment}"})

    return await run_in_threadpool(approved)


@router.post("/v1/deployments/{deployment}/reject", openapi_extra=_body(RefusalForm))
async def reject(request: Request, deployment: str, house: TheHouse, asker: Asker) -> Response:
    """End a deployment that waits for people as `rejected`; 409 `not-awaiting-approval` where it waits for nobody."""
    form = bodies.understood(await bodies.content(request, limit=bodies.SMALL), RefusalForm)

    def rejected() -> Response:
        approving.reject(deployment, reason=form.reason, principal=asker, database=house.database)
        return answer(flow.deployment(deployment, principal=asker, containers=house.containers))

    return await run_in_threadpool(rejected)
