"""GET /opa/bundles/{name}: the policies that hold here, for OPA servers and other meshgates (OPA's bundle API)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.flows import bundles as flow
from api.flows.bundles import Released
from api.http.news import wait_seconds
from api.http.parts import Asker, TheHouse, TheNews

router = APIRouter(tags=["policies"])

LONG_POLLED = "application/vnd.openpolicyagent.bundles"
"""The media type by which OPA sees that its wish to wait was understood."""


@router.get("/opa/bundles/{name}", response_class=Response, responses={304: {"description": "It is still the same."}})
async def bundle(
    name: str,
    house: TheHouse,
    asker: Asker,
    news: TheNews,
    if_none_match: Annotated[str | None, Header()] = None,
    prefer: Annotated[str | None, Header()] = None,
) -> Response:
    """The bundle `mesh`: every policy, with assignments and waivers in its manifest; 304 for the tag that it has.

    With `Prefer: wait=N` the 304 comes after N seconds, and the bundle as soon as another one is in force.
    """
    seconds = wait_seconds(prefer or "")
    number, found = await run_in_threadpool(
        lambda: (house.released_number(), flow.released(name, principal=asker, house=house))
    )
    if seconds and _has(if_none_match, found):
        await news.of(number, seconds=seconds)
        found = await run_in_threadpool(flow.released, name, principal=asker, house=house)
    headers = {"ETag": found.tag, "Cache-Control": "no-cache"}
    if _has(if_none_match, found):
        return Response(status_code=304, headers=headers)
    return Response(found.content, headers=headers, media_type=LONG_POLLED if seconds else "application/gzip")


def _has(header: str | None, found: Released) -> bool:
    return header is not None and found.tag in [tag.strip().removeprefix("W/") for tag in header.split(",")]
