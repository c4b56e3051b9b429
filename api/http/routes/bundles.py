"""GET /opa/bundles/{name}: the policies that hold here, for OPA servers and other meshgates (OPA's bundle API)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header
from starlette.responses import Response

from api.flows import bundles as flow
from api.http.parts import Asker, TheHouse

router = APIRouter(tags=["policies"])


@router.get("/opa/bundles/{name}", response_class=Response, responses={304: {"description": "It is still the same."}})
def bundle(name: str, house: TheHouse, asker: Asker, if_none_match: Annotated[str | None, Header()] = None) -> Response:
    """The bundle `mesh`: every policy, with assignments and waivers in its manifest; 304 for the tag that it has."""
    found = flow.released(name, principal=asker, house=house)
    headers = {"ETag": found.tag, "Cache-Control": "no-cache"}
    if if_none_match is not None and found.tag in _tags(if_none_match):
        return Response(status_code=304, headers=headers)
    return Response(found.content, headers=headers, media_type="application/gzip")


def _tags(header: str) -> list[str]:
    return [tag.strip().removeprefix("W/") for tag in header.split(",")]
