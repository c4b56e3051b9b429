"""POST /v1/descriptors: may this descriptor join the mesh? If so, it does."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.flows.submit import Submitted, submit
from api.http import submissions
from api.http.idempotency import answered_once
from api.http.metrics import Metrics
from api.http.parts import Asker, TheHouse, TheMetrics, answer
from engine.descriptor import Limits
from engine.errors import DescriptorRejected, GovernanceError
from engine.model import Identity
from engine.report import record

router = APIRouter(tags=["descriptors"])


@router.post("/v1/descriptors", status_code=201, openapi_extra=submissions.DOCUMENTED)
async def create(request: Request, house: TheHouse, asker: Asker, metrics: TheMetrics) -> Response:
    """Submit a descriptor. 201: a new version, at `Location`; 200: equal content was accepted before.

    400 `descriptor-unreadable`, 422 `descriptor-rejected`, 500 `policy-error` and 503 `policy-engine-unavailable` carry
    the decision; 409 `version-conflict` names the version that was accepted with other content.
    """
    body = await submissions.content(request, document_limit=Limits().size, body_limit=house.settings.body_limit)

    def submitted() -> Response:
        sent = submissions.read(body, request.headers.get("content-type", ""))
        return answered_once(
            request,
            house=house,
            principal=asker,
            request_digest=sent.digest(b"descriptors"),
            run=lambda once: _counted(
                lambda: submit(sent.submission, principal=asker, house=house, once=once), metrics
            ),
            shown=_shown,
        )

    return await run_in_threadpool(submitted)


def _counted(submitting: Callable[[], Submitted], metrics: Metrics) -> Submitted:
    """Count the outcome of every decision that was made, not of answers that repeat one."""
    try:
        submitted = submitting()
    except GovernanceError as error:
        if "decision" in error.context and "report" in error.context:
            metrics.decided("submit", "rejected" if isinstance(error, DescriptorRejected) else "undecided")
        raise
    if submitted.created:
        metrics.decided("submit", "accepted")
    return submitted


def _shown(submitted: Submitted) -> Response:
    identity, version = submitted.identity, submitted.version
    told = {
        "status": "stored" if submitted.created else "unchanged",
        "product": {"fqn": identity.fqn, "id": identity.id, "version": version.version},
        "digest": version.digest,
        "decision": version.decision_id,
        "report": record.report([submitted.entry]),
    }
    place = f"/v1/products/{_segment(identity)}/versions/{quote(version.version)}"
    return answer(told, 201 if submitted.created else 200, {"Location": place})


def _segment(identity: Identity) -> str:
    """The line in one segment of an address, which is ASCII where names are not: by its id where the fqn has a slash,
    because servers take `%2F` for the end of a segment."""
    return identity.id if "/" in identity.fqn else quote(identity.fqn, safe=":")
