"""GET /v1/changes: what happened since, in order?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.flows import changes as flow
from api.http.parts import Asker, TheHouse, answer

router = APIRouter(tags=["changes"])

_LARGEST_CURSOR = 2**63 - 1


@router.get("/v1/changes")
def changes(
    house: TheHouse,
    asker: Asker,
    after: Annotated[int, Query(ge=0, le=_LARGEST_CURSOR)] = 0,
    limit: Annotated[int, Query(ge=1, le=flow.MOST)] = 100,
) -> Response:
    """Changes after a cursor, oldest first. Ask again with `next`; an empty list means nothing happened since."""
    found = flow.changes(after, principal=asker, house=house, limit=limit)
    told = [change._asdict() for change in found]
    return answer({"changes": told, "next": found[-1].cursor if found else after})
