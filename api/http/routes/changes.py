"""GET /v1/changes: what happened since, in order?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.flows import changes as flow
from api.flows.wanted_changes import wanted
from api.http.parts import Asker, TheHouse, answer

router = APIRouter(tags=["changes"])

_LARGEST_CURSOR = 2**63 - 1
Several = Annotated[list[str], Query()]


@router.get("/v1/changes")
def changes(
    house: TheHouse,
    asker: Asker,
    after: Annotated[int, Query(ge=0, le=_LARGEST_CURSOR)] = 0,
    limit: Annotated[int, Query(ge=1, le=flow.MOST)] = 100,
    kind: Several = [],  # noqa: B006 (the framework copies it)
    domain: Several = [],  # noqa: B006
    product: Several = [],  # noqa: B006
) -> Response:
    """Changes after a cursor, oldest first, perhaps only of some kinds, domains and products (each may be repeated).

    Ask again with `next`, also when the list is empty: it moves on over what was not wanted. `more` says whether
    something was there already.
    """
    asked = wanted(kind, domain, product)
    found = flow.changes(after, principal=asker, house=house, wanted=asked, limit=limit)
    told = [change._asdict() for change in found.changes]
    return answer({"changes": told, "next": found.reached, "more": found.more})
