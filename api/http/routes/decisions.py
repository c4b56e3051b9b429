"""GET /v1/decisions/{id}: what was decided, and why?"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.flows import decisions as flow
from api.http.parts import Asker, TheHouse, answer

router = APIRouter(tags=["decisions"])


@router.get("/v1/decisions/{decision}")
def decision(decision: str, house: TheHouse, asker: Asker) -> Response:
    """The logged decision; `record` is its entry of the report (`meshgate/report/1`), null when it was erased."""
    return answer(flow.decision(decision, principal=asker, house=house)._asdict())
