"""Whom would a change of a product reach, also one that is only proposed? Nothing is stored."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.flows.impact import Proposal, proposed, touched
from api.http import submissions
from api.http.parts import Asker, TheHouse, answer
from engine.descriptor import Limits
from engine.report import difference, reach

router = APIRouter(tags=["products"])
Depth = Annotated[int | None, Query(description="Steps from product to product; all there are when left out.")]


@router.get("/v1/products/{reference}/impact")
def impact(
    reference: str,
    house: TheHouse,
    asker: Asker,
    port: str | None = None,
    column: Annotated[list[str] | None, Query(description="Only these columns of the port.")] = None,
    depth: Depth = None,
) -> Response:
    """Whom a change of the product, of one of its output ports or of columns of that would reach, with owners."""
    found = touched(reference, principal=asker, house=house, port=port, columns=column or (), depth=depth)
    line = found.product
    product = {"fqn": line.fqn, "id": line.line_id, "name": line.name, "version": line.version, "domain": line.domain}
    return answer({"schema": reach.SCHEMA, "product": product, "diff": None, "impact": reach.told(found)})


@router.post("/v1/impacts", openapi_extra=submissions.DOCUMENTED)
async def impacts(request: Request, house: TheHouse, asker: Asker, depth: Depth = None) -> Response:
    """What the descriptor in the body would change of its product if it were accepted now, and whom that reaches."""
    body = await submissions.content(request, document_limit=Limits().size, body_limit=house.settings.body_limit)

    def compared() -> Response:
        sent = submissions.read(body, request.headers.get("content-type", ""))
        return answer(_told(proposed(sent.submission, principal=asker, house=house, depth=depth)))

    return await run_in_threadpool(compared)


def _told(proposal: Proposal) -> dict[str, Any]:
    product = {name: getattr(proposal.identity, name) for name in ("fqn", "id", "name", "version", "domain")}
    diff = None if proposal.diff is None else difference.told(proposal.diff)
    found = None if proposal.impact is None else reach.told(proposal.impact)
    return {"schema": reach.SCHEMA, "product": product, "diff": diff, "impact": found}
