"""/v1/containers: what runs where, of what is it made, and how is it retired?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.flows import abandon as abandoning
from api.flows import adopt as adopting
from api.flows import containers as flow
from api.flows.moments import told_as_of
from api.flows.readers import readers
from api.http import bodies
from api.http.idempotency import answered_once, digest
from api.http.parts import Asker, TheHouse, answer
from api.http.routes.deployments import REASON, reason_of, shown
from engine.model import Json
from engine.provision.states import LIVE, ContainerStatus

router = APIRouter(tags=["deployments"])


@router.get("/v1/containers")
def containers(
    house: TheHouse,
    asker: Asker,
    environment: str | None = None,
    product: str | None = None,
    status: Annotated[list[ContainerStatus] | None, Query()] = None,
    live: bool = True,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    after: str | None = None,
    as_of: str | None = None,
) -> Response:
    """Containers by fqn and environment; with `live=false` also those that are gone, or only those of a `status`.

    `next` is the cursor to go on from. With `as_of` (a moment, or a day for its first one in UTC) as they were then.
    """
    found = flow.page(
        principal=asker,
        house=house,
        environment=environment,
        product=product,
        statuses=status or (LIVE if live else list(ContainerStatus)),
        limit=limit,
        after=after,
        as_of=told_as_of(as_of),
    )
    told = {"containers": found.containers, "next": found.next}
    return answer(told if found.instant is None else {**told, "as_of": found.instant._asdict()})


@router.get("/v1/containers/{container}")
def container(container: str, house: TheHouse, asker: Asker) -> Response:
    """The container with its resources."""
    return answer(flow.container(container, principal=asker, containers=house.containers, sets=house.access_sets))


@router.delete("/v1/containers/{container}", status_code=202)
async def retire(
    request: Request, container: str, house: TheHouse, asker: Asker, delete_data: bool = False
) -> Response:
    """Retire a container. Its data stays unless `delete_data=true`. Answers as a request to deploy does.

    `readers` warns: `consumers` that run there and read it, and `subjects` who are let in to its ports.
    """

    def retired() -> Response:
        warned = readers(container, principal=asker, house=house)
        return answered_once(
            request,
            house=house,
            principal=asker,
            request_digest=digest(b"retire", container.encode(), str(delete_data).encode()),
            run=lambda once: flow.retire(
                container,
                principal=asker,
                database=house.database,
                durable=house.durable,
                delete_data=delete_data,
                once=once,
            ),
            shown=lambda requested: shown(requested, readers=warned),
        )

    return await run_in_threadpool(retired)


class AdoptForm(BaseModel):
    """The body of an adoption: how the adapter calls what somebody else made."""

    model_config = ConfigDict(extra="forbid")

    external_id: str


_ADOPT: dict[str, Json] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": AdoptForm.model_json_schema()}}}
}


@router.post("/v1/containers/{container}/resources/{resource}/adopt", openapi_extra=_ADOPT)
async def adopt(request: Request, container: str, resource: str, house: TheHouse, asker: Asker) -> Response:
    """Take over what somebody else made as this resource of the container; for operators.

    409 `adoption-refused` where the resource is there already, its adapter adopts nothing, or the thing is another's.
    """
    form = bodies.understood(await bodies.content(request, limit=bodies.SMALL), AdoptForm)

    def adopted() -> Response:
        wish = adopting.Adoption(container, resource, form.external_id)
        adopting.adopt(wish, principal=asker, site=house.site)
        return answer(flow.container(container, principal=asker, containers=house.containers, sets=house.access_sets))

    return await run_in_threadpool(adopted)


@router.post("/v1/containers/{container}/abandon", openapi_extra=REASON)
async def abandon(request: Request, container: str, house: TheHouse, asker: Asker) -> Response:
    """Let go of a container that nobody can clean up: its slot is free, and what may still be there stays listed.

    For operators. 409 `container-in-order` for a container in any other state than `needs_cleanup`.
    """
    reason = await reason_of(request)

    def abandoned() -> Response:
        abandoning.abandon(container, reason=reason, principal=asker, database=house.database)
        return answer(flow.container(container, principal=asker, containers=house.containers, sets=house.access_sets))

    return await run_in_threadpool(abandoned)
