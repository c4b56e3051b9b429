"""POST /v1/checks: what would be decided about this descriptor? Nothing is stored."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.flows import check as flow
from api.flows import moments
from api.http import submissions
from api.http.parts import Asker, TheHouse, TheMetrics, answer
from engine.descriptor import Limits
from engine.model import Event
from engine.report import record

router = APIRouter(tags=["descriptors"])


@router.post("/v1/checks", openapi_extra=submissions.DOCUMENTED)
async def check(
    request: Request,
    house: TheHouse,
    asker: Asker,
    metrics: TheMetrics,
    environment: str | None = None,
    event: Event = Event.SUBMIT,
    as_of: str | None = None,
) -> Response:
    """The report (`meshgate/report/1`) with the verdict that a submission would get now, or at the moment `as_of`.

    Status 200 also for a descriptor that is rejected or cannot be read; 4xx only for a faulty request.
    """
    body = await submissions.content(request, document_limit=Limits().size, body_limit=house.settings.body_limit)

    def checked() -> Response:
        sent = submissions.read(body, request.headers.get("content-type", ""))
        _, decision = flow.check(
            sent.submission,
            principal=asker,
            house=house,
            event=event,
            environment=environment,
            catalog=True,
            as_of=moments.as_of(as_of),
        )
        metrics.decided("check", decision.outcome)
        return answer(record.report([record.document(decision, file=sent.root, folder="")]))

    return await run_in_threadpool(checked)
