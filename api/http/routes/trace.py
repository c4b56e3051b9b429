"""GET /v1/trace: which way leads from the rules in words to their policies, and how does the mesh stand by them?"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.flows.trace import traced
from api.http.parts import Asker, TheHouse, answer

router = APIRouter(tags=["policies"])


@router.get("/v1/trace")
def trace(house: TheHouse, asker: Asker, id: str | None = None) -> Response:
    """Every rule in words and every policy with what belongs together (`meshgate/trace/1`), or only around one `id`.

    For one id the findings that stand are told too. 404 for an id that nothing has.
    """
    return answer(traced(id, principal=asker, house=house))
